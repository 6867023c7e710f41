// Planning: the vectors of looks, and what a store's traffic can reach.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { experiment as contract } from './bundle.mjs'
import { vectors } from './shared.mjs'

/** METHODS, Power: boundaries and chances of a plan against a walk carried forward in plain Python. */
const TARGET = 1e-9

function near(actual, expected, what) {
  assert.ok(Math.abs(actual - expected) <= TARGET * Math.max(1, Math.abs(expected)), `${what}: ${actual}, not ${expected}`)
}

for (const { name, baseline, effect, n_per_arm: _, out, ...options } of vectors('power').cases) {
  test(`looks: ${name}`, async () => {
    const { family, ...fields } = baseline
    const size = stoa.power(family, fields, effect, options)
    assert.deepEqual(await stoa.powerAsync(family, fields, effect, options), size)
    const { looks, power } = size.stopping
    looks.forEach((look, k) => near(look.boundary, out.boundaries[k], `boundary ${k}`))
    near(looks.at(-1).passed, power, 'power')
    assert.ok(Math.abs(power - 0.8) < 1e-6, `${power}`)
    assert.ok(size.n_per_arm === Math.min(size.n_control, size.n_treatment))
  })
}

test('power, smallest effect and duration agree', () => {
  const { n_per_arm } = stoa.power('conversion_rate', 0.03, 0.1)
  assert.ok(Math.abs(stoa.smallestEffect('conversion_rate', 0.03, n_per_arm) - 0.1) < 1e-4)
  assert.deepEqual(stoa.power('binary', { rate: 0.03 }, 0.1), stoa.power('conversion_rate', 0.03, 0.1))
  const revenue = { conversion_rate: 0.03, mean_order_value: 60, sd_order_value: 45 }
  assert.ok(stoa.power('revenue_per_visitor', revenue, 0.1, { looks: undefined }).n_per_arm > n_per_arm)
  assert.equal(stoa.duration({ n_per_arm, visitors_per_day: 4000 }).horizon_days % 7, 0)
  const weekly = stoa.power('conversion_rate', 0.03, 0.1, { looks: 'weekly', treatments: 2, treatment_share: 0.25 })
  const seen = stoa.smallestEffect('conversion_rate', 0.03, weekly.n_per_arm_exact, { looks: 'weekly', treatments: 2, treatment_share: 0.25 })
  assert.ok(Math.abs(seen - 0.1) < 1e-6)
  assert.ok(Math.abs(weekly.n_control / weekly.n_treatment - 3) < 1e-3)
})

test('results of planning are frozen all the way down', () => {
  const size = stoa.power('conversion_rate', 0.03, 0.1, { looks: 2 })
  assert.ok(Object.isFrozen(size.stopping) && Object.isFrozen(size.stopping.looks[0]))
  assert.ok(Object.isFrozen(stoa.srm([10, 12], [1, 1]).observed))
})

test('what planning refuses, it refuses by name, at once and as a rejection', async () => {
  const refused = async (args, expected) => {
    assert.throws(() => stoa.power(...args), expected)
    await assert.rejects(stoa.powerAsync(...args), expected)
    await assert.rejects(stoa.powerAsync(...args), stoa.StoaError)
  }
  await refused(['conversion_rate', Number.NaN, 0.1], { code: 'not_finite', field: 'rate' })
  await refused(['converson_rate', 0.03, 0.1], { code: 'unknown_name', field: 'family' })
  await refused(['csat', { mean: 0, sd: 1 }, 0.1], { code: 'out_of_range', field: 'baseline.mean' })
  await refused(['conversion_rate', 0.03, 0.1, { looks: 0 }], { code: 'out_of_range', field: 'looks' })
  await refused(['conversion_rate', 0.03, 0.1, { looks: 'hourly' }], { code: 'invalid_document', field: 'options' })
  await refused(['conversion_rate', 0.03, 0.1, { horizon_days: 10 }], { code: 'out_of_range', field: 'horizon_days' })
  await refused(['conversion_rate', 0.03, 0.1, { treatment_share: 1 }], { code: 'out_of_range', field: 'treatment_share' })
  assert.throws(() => stoa.srm([1, 2, 3], [1, 1]), { code: 'conflict' })
})

// The example of `power::reach` in the core, figure by figure.
const planned = {
  ...contract,
  metrics: { revenue: { metric: 'conversion_rate', minimum_effect: 0.05 }, satisfaction: { metric: 'csat' } },
  plan: { looks: 'weekly', visitors_per_day: 4000 },
}
const today = { conversion_rate: 0.03, csat: { mean: 4.1, sd: 1.13, per_visitor: 0.03 } }

test('what the traffic of a plan can reach', async () => {
  const found = await stoa.reach(planned, today)
  assert.equal(found.can, false)
  assert.deepEqual(found.metrics.map(({ metric, role, can }) => [metric, role, can]), [
    ['conversion_rate', 'revenue', false],
    ['csat', 'satisfaction', true],
  ])
  assert.equal(
    found.metrics[0].sentence,
    'Conversion rate: by day 28 a change of +5% is seen with a chance of 41%, where 80% is asked for; ' +
      'the smallest that is seen so often is +8.8%, and +5% takes 85 days.',
  )
  assert.equal(found.metrics[0].n_per_arm, 56_000)
  assert.ok(Object.isFrozen(found.metrics[0]))
  assert.deepEqual(await stoa.reach(JSON.stringify(planned), Buffer.from(JSON.stringify(today))), found)
  const { not_expected, can } = await stoa.reach(planned, { csat: today.csat })
  assert.deepEqual([not_expected, can], [['conversion_rate'], true])
})

test('what reach refuses, it refuses by name', async () => {
  const { plan: _, ...unplanned } = planned
  const refused = (experiment, expected, error) => assert.rejects(stoa.reach(experiment, expected), error)
  await refused(unplanned, today, { name: 'StoaError', code: 'missing_field', field: 'plan.visitors_per_day' })
  await refused(planned, { ...today, nps: 3 }, { code: 'unknown_name', field: 'expected.nps' })
  await refused(planned, { conversion_rate: 2 }, { code: 'out_of_range' })
  await refused(planned, { conversion_rate: Number.NaN }, { code: 'not_finite', field: 'expected.conversion_rate' })
  await refused(planned, [], { code: 'wrong_type', field: 'expected' })
  await refused({ ...planned, surface: 'nowhere' }, today, { code: 'unknown_name', field: 'surface' })
  await refused(planned, undefined, { code: 'wrong_type', field: 'expected' })
})
