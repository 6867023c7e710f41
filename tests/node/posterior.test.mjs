// Posteriors against the vectors to the targets of METHODS, and analyses of sums.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { experiment as contract } from './bundle.mjs'
import { vectors } from './shared.mjs'

/** METHODS, Posteriors: absolute for probabilities, in posterior standard deviations or relative for the rest. */
const TARGET = 1e-9
/** Losses below this are zero for every purpose. */
const LOSS_FLOOR = 1e-15

function close(actual, expected, scale, what) {
  const error = Math.abs(actual - expected)
  assert.ok(error <= TARGET * Math.max(Math.abs(expected), scale) + LOSS_FLOOR, `${what}: ${actual}, not ${expected}`)
}

const { cases, quantiles } = vectors('posterior')
const models = vectors('posterior_models')
const spread = ([low, , high] = []) => (low === undefined ? 1 : (high - low) / 3.92)

test('both files ask for the same quantiles', () => assert.deepEqual(models.quantiles, quantiles))

for (const { name, family, control, treatment, prior, out } of [...cases, ...models.cases]) {
  test(name, async () => {
    const c = stoa.compare(family, { control, treatment, prior })
    assert.deepEqual((await stoa.compareAsync(family, { control, treatment, prior })).toJSON(), c.toJSON())
    const sd = spread(out.absolute_quantiles)
    const relativeSd = spread(out.relative_quantiles)
    const checks = {
      prob_positive: (x) => close(c.prob_positive, x, 1, 'prob_positive'),
      prob_harm: (x) => close(c.prob_harm, x, 1, 'prob_harm'),
      expected_loss_ship: (x) => close(c.expected_loss_ship, x, sd, 'expected_loss_ship'),
      expected_loss_keep: (x) => close(c.expected_loss_keep, x, sd, 'expected_loss_keep'),
      log_loss_ship: (x) => close(c.log_loss_ship, x, relativeSd, 'log_loss_ship'),
      log_loss_keep: (x) => close(c.log_loss_keep, x, relativeSd, 'log_loss_keep'),
      mean_log_lift: (x) => close(c.mean_log_lift, x, relativeSd, 'mean_log_lift'),
      control_mean: (x) => close(c.control.mean, x, sd, 'control.mean'),
      treatment_mean: (x) => close(c.treatment.mean, x, sd, 'treatment.mean'),
      frequency_dollars: (x) => close(c.decomposition.frequency.absolute_mean, x, sd, 'frequency'),
      severity_dollars: (x) => close(c.decomposition.severity.absolute_mean, x, sd, 'severity'),
      absolute_quantiles: (xs) => xs.forEach((x, i) => close(c.absolute.quantile(quantiles[i]), x, sd, 'absolute')),
      relative_quantiles: (xs) => xs.forEach((x, i) => close(c.relative.quantile(quantiles[i]), x, relativeSd, 'relative')),
    }
    for (const [key, expected] of Object.entries(out)) checks[key](expected)
  })
}

const hurdle = (orders, mean_log = 4) => ({ visitors: 1000, orders, mean_log, var_log: 0.5 })
const revenue = stoa.compare('hurdle', { control: hurdle(50), treatment: hurdle(60, 4.1) })

test('questions agree with the figures', async () => {
  const { low, high, level } = revenue.absolute.interval(0.9)
  assert.equal(level, 0.9)
  assert.ok(Math.abs(revenue.absolute.quantile(0.05) - low) < 1e-12)
  assert.ok(Math.abs(revenue.probAbove(high) - 0.05) < 1e-9)
  assert.ok(Math.abs(revenue.probBelow(low) - 0.05) < 1e-9)
  assert.ok(Math.abs(revenue.probAbove(0) - revenue.prob_positive) < 1e-12)
  assert.equal(revenue.probAbove(0, { relative: true }), revenue.prob_positive)
  assert.equal(revenue.risk(1000), revenue.expected_loss_ship * 1000)
  assert.equal(revenue.loss.mean, revenue.expected_loss_ship)
  assert.ok(Math.abs(revenue.loss.quantile(0.95) + Math.min(revenue.absolute.quantile(0.05), 0)) < 1e-9)
  const { frequency, severity, mean_log_lift } = revenue.decomposition
  assert.ok(Math.abs(frequency.mean_log_lift + severity.mean_log_lift - mean_log_lift) < 1e-12)
  assert.ok(frequency.relative.interval(0.5).low < frequency.relative.median)
})

test('a density integrates to what lies between its ends', () => {
  const { x, density } = revenue.relative.density({ points: 2000 })
  assert.ok(x instanceof Float64Array && density instanceof Float64Array)
  const area = density.reduce((sum, d) => sum + d, 0) * (x[1] - x[0])
  assert.ok(Math.abs(area - 0.998) < 1e-3, String(area))
})

test('draws are reproducible and have the posterior mean', async () => {
  const one = await revenue.sample(20_000, { seed: 7 })
  assert.deepEqual(await revenue.sample(20_000, { seed: 7 }), one)
  assert.notDeepEqual(await revenue.sample(20_000, { seed: 8 }), one)
  const mean = one.treatment.reduce((sum, d) => sum + d, 0) / one.treatment.length
  assert.ok(Math.abs(mean / revenue.treatment.mean - 1) < 0.02)
})

test('a comparison is frozen and writes the keys of the other languages', () => {
  assert.ok(Object.isFrozen(revenue) && Object.isFrozen(revenue.relative) && Object.isFrozen(revenue.notes))
  const data = JSON.parse(JSON.stringify(revenue))
  assert.equal(data.prob_positive, revenue.prob_positive)
  assert.deepEqual(Object.keys(data.relative), ['mean', 'median', 'interval'])
  for (const key of Object.keys(data)) assert.ok(key === 'prob_variance_beyond_bound' || key in revenue, key)
})

const satisfaction = { metric: 'return_visit_rate', proxy_reason: 'no survey runs yet' }
const experiment = {
  ...contract,
  variants: [{ key: 'A' }, { key: 'B' }, { key: 'C' }],
  metrics: { revenue: { metric: 'revenue_per_visitor' }, satisfaction },
}
const arm = (key, orders, n = 1000) => ({
  key,
  n,
  metrics: { revenue_per_visitor: { ...hurdle(orders), visitors: n }, return_visit_rate: { n, successes: 300 } },
})

test('an analysis holds comparisons that answer, and writes plain data', async () => {
  const stats = { experiment: 'free_shipping', variants: [arm('A', 50), arm('B', 60), arm('C', 55)] }
  const analysis = await stoa.analyze(stats, experiment)
  assert.deepEqual(Object.keys(analysis.metrics), ['return_visit_rate', 'revenue_per_visitor'])
  const b = analysis.metrics.revenue_per_visitor.B
  assert.ok(b instanceof stoa.Comparison)
  assert.equal(b.relative.interval(0.95).low, b.toJSON().relative.interval.low)
  const alone = stoa.compare('hurdle', { control: hurdle(50), treatment: hurdle(60) })
  assert.deepEqual(b.toJSON(), alone.toJSON())
  assert.deepEqual(analysis.pairs.map((p) => [p.control, p.treatment]), [['B', 'C'], ['B', 'C']])
  assert.ok(analysis.pairs[0].comparison instanceof stoa.Comparison)
  assert.deepEqual(Object.keys(analysis.verdicts), ['B', 'C'])
  const data = JSON.parse(JSON.stringify(analysis))
  assert.deepEqual(data, analysis.toJSON())
  assert.equal(data.verdict.action, analysis.verdict.action)
  assert.ok(Object.isFrozen(analysis) && Object.isFrozen(analysis.verdict.reasons))
  assert.deepEqual(await stoa.analyze(JSON.stringify(stats), Buffer.from(JSON.stringify(experiment))).then(String), String(analysis))
})

test('a broken sample ratio is invalid, whatever the numbers', async () => {
  const variants = [arm('A', 50), arm('B', 60, 1500), arm('C', 55)]
  const analysis = await stoa.analyze({ experiment: 'free_shipping', variants }, experiment)
  assert.equal(analysis.srm.passed, false)
  assert.equal(analysis.verdict.action, 'invalid')
})

test('the main thread is free while an analysis runs', async () => {
  const variants = [arm('A', 50), arm('B', 60), arm('C', 55)]
  let turned = false
  setImmediate(() => { turned = true })
  await stoa.analyze({ experiment: 'free_shipping', variants }, experiment)
  assert.ok(turned)
})
