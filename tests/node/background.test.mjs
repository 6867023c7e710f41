// Long work leaves the event loop alone: timers fire while it runs.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { experiment as contract } from './bundle.mjs'

/** Milliseconds between two ticks. */
const TICK = 2
/** Far fewer ticks than the work has time for, on the busiest machine. */
const FEWEST = 5

/** Ticks of a timer while `run` is awaited. */
async function ticks(run) {
  let count = 0
  const timer = setInterval(() => { count += 1 }, TICK)
  try {
    await run()
  } finally {
    clearInterval(timer)
  }
  return count
}

// One arm is known far better than the other: a second or more.
const control = { visitors: 1_000_000, orders: 30_000, mean_log: 4, var_log: 0.5 }
const treatment = { visitors: 9, orders: 6, mean_log: 4, var_log: 0.5 }

test('a comparison of arms far apart', async () => {
  const count = await ticks(() => stoa.compareAsync('hurdle', { control, treatment }))
  assert.ok(count >= FEWEST, `${count} ticks`)
})

test('the size of an experiment that is looked at daily for eight weeks', async () => {
  const count = await ticks(() => stoa.powerAsync('conversion_rate', 0.03, 0.1, { looks: 'daily', horizon_days: 56 }))
  assert.ok(count >= FEWEST, `${count} ticks`)
})

const metrics = { revenue: { metric: 'conversion_rate' }, satisfaction: { metric: 'return_visit_rate', proxy_reason: 'no survey yet' } }
const variants = [{ key: 'A' }, { key: 'B' }, { key: 'C' }, { key: 'D' }]
const rate = (n, successes) => ({ n, successes })
const arm = ({ key }, day) => ({ key, n: 900 * day, metrics: { conversion_rate: rate(900 * day, 27 * day), return_visit_rate: rate(900 * day, 270 * day) } })
const history = Array.from({ length: 50 }, (_, k) => k + 7).map((day) => ({
  experiment: 'free_shipping',
  day,
  variants: variants.map((variant) => arm(variant, day)),
}))

test('a long history', async () => {
  const experiment = { ...contract, variants, metrics, plan: { horizon_days: 56, visitors_per_day: 3600 } }
  const count = await ticks(() => stoa.monitor(history, experiment))
  assert.ok(count >= FEWEST, `${count} ticks`)
})

test('what a plan can reach', async () => {
  const experiment = { ...contract, metrics, plan: { visitors_per_day: 3600 } }
  const count = await ticks(() => stoa.reach(experiment, { conversion_rate: 0.03, return_visit_rate: 0.3 }))
  assert.ok(count >= FEWEST, `${count} ticks`)
})

test('refusals come from there too, by name', async () => {
  const wrong = { n: 9, successes: 10 }
  const refused = stoa.compareAsync('binary', { control: wrong, treatment: wrong, prior: { alpha: -1 } })
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof stoa.StoaError)
    assert.deepEqual(error.problems.map(({ code, field }) => [code, field]), [
      ['out_of_range', 'control.successes'],
      ['out_of_range', 'treatment.successes'],
      ['out_of_range', 'prior.alpha'],
    ])
    return true
  })
  await assert.rejects(stoa.compareAsync('ordinal', { control: { counts: [1, 2] }, treatment: { counts: [1, 2] } }), {
    code: 'missing_field',
    field: 'control.scores',
  })
  await assert.rejects(stoa.compareAsync('binary', { control: Number.NaN, treatment: wrong }), { code: 'wrong_type', field: 'control' })
})
