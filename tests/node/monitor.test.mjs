// Looks in a row: their boundaries are those of the vectors, and each reads as `analyze` reads it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { experiment as contract } from './bundle.mjs'
import { vectors } from './shared.mjs'

const experiment = {
  ...contract,
  metrics: {
    revenue: { metric: 'conversion_rate' },
    satisfaction: { metric: 'return_visit_rate', proxy_reason: 'no survey runs yet', margin: 0.2 },
  },
}

/** A thousand visitors a day and arm, of whom so many of each arm buy. */
function look(day, conversions) {
  const arm = (key, k) => {
    const rate = (each) => ({ n: 1000 * day, successes: each * day })
    return { key, n: 1000 * day, metrics: { conversion_rate: rate(conversions[k]), return_visit_rate: rate(300) } }
  }
  return { experiment: 'free_shipping', day, variants: [arm('A', 0), arm('B', 1)] }
}
const days = (from, step) => Array.from({ length: Math.floor((28 - from) / step) + 1 }, (_, k) => from + step * k)
const history = (at, conversions) => at.map((day) => look(day, conversions))
const boundaries = (name) => vectors('power').cases.find((one) => one.name === name).out.boundaries

for (const [name, step] of [['daily', 1], ['weekly', 7]]) {
  test(`the boundaries of ${name} looks are those of the vectors`, async () => {
    const seen = await stoa.monitor(history(days(7, step), [30, 31]), experiment)
    const expected = boundaries(name)
    assert.equal(seen.looks.length, expected.length)
    seen.looks.forEach(({ treatments: [b] }, k) => {
      assert.ok(Math.abs(b.boundary - expected[k]) < 1e-9, `${k}: ${b.boundary}, not ${expected[k]}`)
      assert.equal(b.e_value, null)
    })
    const last = seen.looks.at(-1)
    assert.deepEqual([last.last, last.information, last.units], [true, 1, 56_000])
    assert.ok(Math.abs(last.spent - 0.05) < 1e-12)
    assert.deepEqual(seen.verdict, last.verdict)
    assert.equal(seen.verdict.guarantee, 'horizon')
  })
}

test('a look reads as analyze reads its day', async () => {
  for (const conversions of [[30, 30], [30, 37], [30, 22]]) {
    const seen = await stoa.monitor(history(days(7, 1).slice(0, 8), conversions), experiment)
    const once = await stoa.analyze(look(14, conversions), experiment)
    assert.equal(once.verdict.action, seen.verdict.action)
    assert.equal(once.verdict.sentence, seen.verdict.sentence)
  }
})

test('while it runs the sample ratio is read at every look, and finish and change are said', async () => {
  const seen = await stoa.monitor(history([7, 8, 9], [30, 33]), experiment)
  assert.equal(seen.experiment, 'free_shipping')
  assert.equal(seen.verdict.action, 'continue')
  assert.ok(seen.looks.every(({ srm }) => srm.passed && srm.sequential_p > srm.threshold))
  assert.ok(seen.finish.day > 9 && seen.finish.sentence.length > 0)
  assert.match(seen.would_change, /more in B/)
  assert.ok(Object.isFrozen(seen.looks[0].treatments[0].verdict.reasons))
  assert.deepEqual(seen, JSON.parse(JSON.stringify(seen)))
  const text = JSON.stringify({ looks: history([7, 8, 9], [30, 33]) })
  assert.deepEqual(await stoa.monitor(text, JSON.stringify(experiment)), seen)
})

test('at any time there is evidence in place of a boundary', async () => {
  const plan = { guarantee: 'anytime', visitors_per_day: 2000 }
  const seen = await stoa.monitor(history([3, 14], [30, 45]), { ...experiment, plan })
  assert.ok(seen.looks.every(({ treatments: [b] }) => b.boundary === null && b.e_value > 0))
  assert.equal(seen.verdict.guarantee, 'anytime')
  assert.ok(seen.looks[1].treatments[0].e_value > 20)
})

test('an arm without visitors is waited for', async () => {
  const [first] = history([7], [0, 0])
  const seen = await stoa.monitor([{ ...first, variants: [first.variants[0]] }], experiment)
  assert.equal(seen.looks[0].treatments[0].z, null)
  assert.equal(seen.finish.day, null)
})

test('what a history may not be is refused by its look', async () => {
  const refused = (given, error, of = experiment) => assert.rejects(stoa.monitor(given, of), error)
  const two = history([7, 14], [30, 30])
  await refused([], { name: 'StoaError', code: 'out_of_range', field: 'history' })
  await refused(two.toReversed(), { code: 'out_of_range', field: 'history[1].day' })
  await refused([two[0], { ...two[1], day: Number.NaN }], { code: 'not_finite', field: 'history[1].day' })
  await refused([two[0], { ...two[1], experiment: 'other' }], { code: 'conflict', field: 'history[1].experiment' })
  await refused([{ ...two[0], dya: 7 }], { code: 'unknown_field', field: 'history[0].dya', hint: 'did you mean `day`?' })
  await refused({ looks: 3 }, { code: 'wrong_type', field: 'history' })
  await refused(undefined, { code: 'wrong_type', field: 'history' })
  await refused(two, { code: 'unknown_name', field: 'surface' }, { ...experiment, surface: 'nowhere' })
})
