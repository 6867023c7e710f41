import { native } from './addon'
import { contractText, documentText, optional, type Document } from './document'
import { callAsync } from './error'
import { deepFreeze, type ExperimentDocument, type StoreDocument } from './experiment'
import type { Baseline } from './plan'

/** What a store sees of a metric today: its baseline and, where not every visitor brings one, how many a visitor brings. */
export type Expected = Baseline | (Exclude<Baseline, number> & { readonly per_visitor?: number })

/** What the traffic can show of one metric. */
export interface MetricReach {
  readonly metric: string
  /** What it is there for. */
  readonly role: 'revenue' | 'satisfaction' | 'proxy' | 'guardrail'
  /** Visitors, orders or answers of the smaller arm at the horizon. */
  readonly n_per_arm: number
  /** What is to be shown: of revenue the relative effect, of the others the margin in the metric's unit. */
  readonly wanted: number
  /** Chance that it is shown at any look; null where the plan's guarantee has no test of it. */
  readonly power: number | null
  /** Whether that is the chance asked for, or more. */
  readonly can: boolean
  /** The smallest effect or margin that has the chance asked for; null where none has. */
  readonly smallest: number | null
  /** Units of the smaller arm that what is to be shown needs. */
  readonly n_needed: number | null
  /** Days that bring them, the visitors a day being as they are. */
  readonly days_needed: number | null
  /** Whole weeks that hold those days, in days. */
  readonly horizon_needed: number | null
  /** Mean day on which it is shown, those on which it never is counted as the last. */
  readonly expected_day: number | null
  /** The same in words. */
  readonly sentence: string
}

/** What an experiment can find by its horizon, metric by metric. */
export interface PlanReach {
  /** The experiment's key. */
  readonly experiment: string
  /** Days to its last look. */
  readonly horizon_days: number
  /** Chance that is asked for. */
  readonly wanted_power: number
  /** Whether every metric below is likely enough to show what it should. */
  readonly can: boolean
  /** The contract's metrics of which something is expected, in its order. */
  readonly metrics: readonly MetricReach[]
  /** Its other metrics, of which nothing can be said. */
  readonly not_expected: readonly string[]
  /** All of this in words. */
  readonly sentence: string
}

/**
 * Whether a store's traffic can find what a contract wants to know, by the plan it registers; if not, what it can find.
 *
 * `expected` has what the store sees today by metric key; the contract needs `plan.visitors_per_day`. Runs off the main thread.
 *
 * @throws {@link StoaError} `missing_field` without visitors a day, `unknown_name` for a metric that the contract has not.
 * @example
 * ```ts
 * import { reach } from 'stoa-node'
 * const experiment = {
 *   ...bundle.experiments[0],
 *   metrics: { revenue: { metric: 'conversion_rate' }, satisfaction: { metric: 'nps' } },
 *   plan: { looks: 'weekly', visitors_per_day: 300 } as const,
 * }
 * const nps = { mean: 30, sd: 70, per_visitor: 0.01 }
 * const found = await reach(experiment, { conversion_rate: 0.03, nps })
 * found.can // false
 * found.metrics.map((metric) => metric.role) // ['revenue', 'satisfaction']
 * ```
 */
export async function reach(
  experiment: ExperimentDocument | Document,
  expected: Readonly<Record<string, Expected>> | Document,
  options: { readonly store?: StoreDocument | Document } = {},
): Promise<PlanReach> {
  const contract = contractText('experiment', experiment)
  const today = documentText('expected', expected)
  const store = optional(contractText, 'store', options.store)
  const found = await callAsync(() => native.reach(contract, today, store))
  return deepFreeze(JSON.parse(found) as PlanReach)
}
