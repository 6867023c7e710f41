// Tests that began in GrowthBook or Eppo: every id keeps the variant that the real SDK gave it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { thrown, vectors } from './shared.mjs'

const { Engine, fromEppo, fromGrowthbook } = stoa
const { ids, visitors, cases } = vectors('migration')
const metrics = { revenue: { metric: 'revenue_per_visitor' }, satisfaction: { metric: 'csat' } }
const options = { surface: 'shipping_offer', metrics }
const readers = { growthbook: fromGrowthbook, eppo: fromEppo }

for (const { name, scheme, source, config, experiment, answers } of cases) {
  test(`every id keeps its variant: ${scheme}, ${name}`, () => {
    const { experiments, store, refused } = readers[source](config, options)
    assert.deepEqual(refused, [])
    for (const [field, expected] of Object.entries(experiment)) assert.deepEqual(experiments[0][field], expected)
    const moved = Engine.fromDocuments({ experiments, store }).experiment(experiment.key)
    const answer = (id, k) => {
      const attributes = { id, ...visitors[k % visitors.length] }
      const { reason } = moved.decide(id, attributes)
      return reason === 'assigned' ? String(moved.variantIndex(id, attributes)) : '.'
    }
    assert.equal(ids.map(answer).join(''), answers)
  })
}

test('what everything shares is refused at once, and a time is compared with now', async () => {
  const refusal = await thrown(() => fromGrowthbook(cases[0].config, { surface: 'cart_pag', metrics }))
  assert.deepEqual([refusal.code, refusal.hint], ['unknown_name', 'did you mean `cart_page`?'])
  const { config } = cases.find((one) => one.source === 'eppo')
  const { flag } = config.flags
  const allocations = [{ ...flag.allocations[0], endAt: '2026-02-01T00:00:00.000Z' }]
  const ending = { ...config, flags: { flag: { ...flag, allocations } } }
  assert.equal(fromEppo(ending, options).refused[0].field, 'flags.flag.allocations[0].endAt')
  assert.equal(fromEppo(ending, { ...options, now: new Date('2026-01-01') }).experiments.length, 1)
  assert.equal(fromEppo(ending, { ...options, now: '2026-03-01T00:00:00Z' }).experiments.length, 0)
})
