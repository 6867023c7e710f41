// Compiled, never run: what the declared types must accept and refuse.
import {
  analyze,
  compare,
  Engine,
  Rule,
  StoaError,
  type Comparison,
  type Decision,
  type ExperimentDocument,
  type Problem,
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
