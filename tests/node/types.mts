// Compiled, never run: what the declared types must accept and refuse.
import {
  analyze,
  compare,
  compareAsync,
  Engine,
  monitor,
  power,
  reach,
  Rule,
  StoaError,
  type Comparison,
  type Decision,
  type ExperimentDocument,
  type Monitor,
  type Problem,
  type Verdict,
} from 'stoa-node'

export function report(error: StoaError): readonly Problem[] {
  const hint: string | undefined = error.hint
  // @ts-expect-error problems are read-only
  error.problems.push({})
  return hint === undefined ? error.problems : []
}

export function segment(): boolean | null {
  const rule = Rule.fromJSON({ all: [{ attr: 'orders_count', op: 'gte', value: 2 }, { segment: 'vip' }] })
  // @ts-expect-error no such operator
  Rule.fromJSON({ attr: 'orders_count', op: 'gtee', value: 2 })
  // @ts-expect-error no such dialect
  rule.toSQL('oracle')
  // @ts-expect-error rules are made by parse and fromJSON
  new Rule()
  return rule.evaluate(Buffer.from('{}'), { now: new Date() })
}

export const experiment: ExperimentDocument = {
  key: 'free_shipping',
  surface: 'shipping_offer',
  variants: [{ key: 'A' }, { key: 'B', weight: 2, payload: { threshold: 50 } }],
  metrics: { revenue: { metric: 'revenue_per_visitor' }, satisfaction: { metric: 'csat' } },
}

export function request(engine: Engine, id: string | undefined): Decision {
  const x = engine.experiment('free_shipping')
  const i: number = x.variantIndex(id, { orders_count: 3 })
  const key: string | undefined = x.variants[i]?.key
  const decision = engine.decide('free_shipping', id, undefined, { now: '2026-01-31T00:00:00Z' })
  // @ts-expect-error a decision is frozen
  decision.variant = key ?? null
  const column: Int8Array = engine.assignBatch('free_shipping', [id], [{ orders_count: 3 }])
  return column[0] === 0 && decision.reason === 'assigned' ? decision : decision
}

export async function readout(): Promise<Comparison | undefined> {
  const arm = { n: 900, successes: 81 }
  const c = compare('binary', { control: arm, treatment: arm, prior: { alpha: 1, beta: 1 } })
  // @ts-expect-error statistics of another family
  compare('hurdle', { control: arm, treatment: arm })
  // @ts-expect-error withheld figures are null
  const loss: number = c.expected_loss_ship
  const analysis = await analyze({ experiment: 'x', variants: [{ key: 'A', n: loss, metrics: {} }] }, experiment)
  return analysis.metrics['revenue_per_visitor']?.['B']
}

export async function families(): Promise<number> {
  const answers = { counts: [1, 2, 3], scores: [-100, 0, 100] }
  const { prob_positive } = await compareAsync('ordinal', { control: answers, treatment: answers, prior: { alpha: [1, 1, 1] } })
  const sure: number = prob_positive
  const rows = { n: 3, mean: 1, variance: 1 }
  const mean = compare('mean', { control: rows, treatment: rows, prior: { mean: 0, beta: 1 } })
  // @ts-expect-error few rows of a mean have no probability
  const unsure: number = mean.prob_positive
  const orders = { n: 9, mean_log: 4, var_log: 0.5, sum: 600, winsorized_at: 200 }
  compare('positive', { control: orders, treatment: orders, prior: { model: 'gamma', rate: 60 } })
  // @ts-expect-error no such model
  compare('positive', { control: orders, treatment: orders, prior: { model: 'weibull' } })
  return sure + unsure
}

export async function plans(): Promise<Monitor> {
  const { stopping } = power('csat', { mean: 4.1, sd: 1.13 }, 0.05, { looks: 'daily', spending: 'pocock', guarantee: 'horizon' })
  // @ts-expect-error no such looks
  power('csat', { mean: 4.1, sd: 1.13 }, 0.05, { looks: 'hourly' })
  const day: number = stopping.expected_day
  await reach(experiment, { revenue_per_visitor: { conversion_rate: 0.03, mean_order_value: 60, sd_order_value: 45 }, csat: { mean: 4, sd: 1, per_visitor: 0.03 } })
  const seen = await monitor([{ experiment: 'free_shipping', day, variants: [] }], experiment)
  const guarantee: Verdict['guarantee'] = seen.verdict.guarantee
  // @ts-expect-error a look may be before the first visitor
  seen.looks[0]?.srm.passed
  return guarantee === 'anytime' ? seen : seen
}
