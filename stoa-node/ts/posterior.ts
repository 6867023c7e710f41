import { native } from './addon'
import { documentText } from './document'
import { call, callAsync } from './error'
import { deepFreeze, type Family } from './experiment'
import type { ArmsOf } from './stats'

/** An equal-tailed credible interval. */
export interface Interval {
  readonly level: number
  readonly low: number
  readonly high: number
}

/** A density on equally spaced points, to draw. */
export interface Density {
  readonly x: Float64Array
  readonly density: Float64Array
}

/** Mean, median and 95% interval; null where infinite or withheld. */
export interface Summary {
  readonly mean: number | null
  readonly median: number | null
  readonly interval: Interval | null
}

/** Frequency or severity as data. */
export interface PartData {
  readonly prob_positive: number
  readonly mean_log_lift: number
  /** What it adds to the absolute lift, in the metric's unit. */
  readonly absolute_mean: number | null
  readonly relative: Summary
}

/** Every figure of a comparison; the same keys in Python and Rust. */
export interface ComparisonData {
  readonly family: Family
  readonly model: string
  readonly notes: readonly { readonly code: string; readonly text: string }[]
  readonly control: Summary
  readonly treatment: Summary
  readonly absolute: Summary
  readonly relative: Summary
  readonly prob_positive: number | null
  readonly prob_harm: number | null
  readonly mean_log_lift: number | null
  readonly expected_loss_ship: number | null
  readonly expected_loss_keep: number | null
  readonly log_loss_ship: number | null
  readonly log_loss_keep: number | null
  readonly prob_variance_beyond_bound: { readonly control: number; readonly treatment: number } | null
  readonly decomposition: {
    readonly mean_log_lift: number
    readonly frequency: PartData
    readonly severity: PartData
  } | null
}

type Handle = InstanceType<typeof native.Comparison>
type EffectName = 'absolute' | 'relative' | 'frequency' | 'severity'

/**
 * The posterior of a lift. Figures are null where they are infinite or withheld (dollars on fewer than five orders).
 *
 * @example
 * ```ts
 * import { compare } from 'stoa-node'
 * const control = { n: 900, successes: 81 }
 * const lift = compare('binary', { control, treatment: { n: 905, successes: 99 } }).relative
 * lift.median?.toFixed(2) // '0.21'
 * lift.interval(0.95)?.level // 0.95
 * lift.density({ points: 100 }).x.length // 100
 * ```
 */
export class Effect {
  /** Posterior mean. */
  readonly mean: number | null
  /** Posterior median. */
  readonly median: number | null
  readonly #handle: Handle
  readonly #name: EffectName
  readonly #data: Summary

  /** @internal */
  constructor(handle: Handle, name: EffectName, data: Summary) {
    this.#handle = handle
    this.#name = name
    this.#data = data
    this.mean = data.mean
    this.median = data.median
    Object.freeze(this)
  }

  /** The value below which the lift lies with probability `q`. */
  quantile(q: number): number | null {
    return call(() => this.#handle.quantile(this.#name, q))
  }

  /** Equal-tailed credible interval. */
  interval(level = 0.95): Interval | null {
    return deepFreeze(JSON.parse(call(() => this.#handle.interval(this.#name, level))) as Interval | null)
  }

  /** The density between its 0.1% and 99.9% quantiles; empty where it is withheld. */
  density(options: { readonly points?: number } = {}): Density {
    const [x, density] = call(() => this.#handle.density(this.#name, options.points ?? 256)) as [Float64Array, Float64Array]
    return { x, density }
  }

  /** Mean, median and 95% interval. */
  toJSON(): Summary {
    return this.#data
  }
}

/**
 * Distribution of what shipping the treatment loses per visitor; no loss is 0.
 *
 * @example
 * ```ts
 * import { compare } from 'stoa-node'
 * const arm = { n: 1000, successes: 30 }
 * compare('binary', { control: arm, treatment: arm }).loss.quantile(0.4) // 0
 * ```
 */
export class Loss {
  /** Expected loss. */
  readonly mean: number | null
  readonly #handle: Handle

  /** @internal */
  constructor(handle: Handle, mean: number | null) {
    this.#handle = handle
    this.mean = mean
    Object.freeze(this)
  }

  /** The loss that is not exceeded with probability `q`. */
  quantile(q: number): number | null {
    return call(() => this.#handle.lossQuantile(q))
  }
}

/** Frequency (who orders) or severity (how much): one part of the lift of revenue per visitor. */
export interface Part extends Omit<PartData, 'relative'> {
  readonly relative: Effect
}

/**
 * Treatment against control: everything a reader asks of two arms. Figures have their JSON names, questions are methods.
 *
 * @example
 * ```ts
 * import { compare } from 'stoa-node'
 * const hurdle = (orders: number) => ({ visitors: 1000, orders, mean_log: 4, var_log: 0.5 })
 * const revenue = compare('hurdle', { control: hurdle(50), treatment: hurdle(60) })
 * revenue.decomposition?.frequency.prob_positive.toFixed(2) // '0.84'
 * revenue.expected_loss_ship?.toFixed(2) // '0.13'
 * const { treatment } = await revenue.sample(1000, { seed: 1 })
 * treatment.length // 1000
 * ```
 */
export class Comparison {
  /** The metric's family. */
  readonly family: Family
  /** The model behind the figures. */
  readonly model: string
  /** What a reader must know beside the numbers. */
  readonly notes: ComparisonData['notes']
  /** The control's mean, in the metric's unit. */
  readonly control: Summary
  /** The treatment's mean, in the metric's unit. */
  readonly treatment: Summary
  /** Treatment − control, in the metric's unit. */
  readonly absolute: Effect
  /** Treatment / control − 1. */
  readonly relative: Effect
  /** P(treatment > control); null for fewer than five rows of a mean, and of a count that spreads more than Poisson counts do. */
  readonly prob_positive: number | null
  /** P(treatment < control), likewise. */
  readonly prob_harm: number | null
  /** Posterior mean of ln(treatment / control); null for families that may be 0 or below. */
  readonly mean_log_lift: number | null
  /** Expected loss per visitor of shipping the treatment. */
  readonly expected_loss_ship: number | null
  /** Expected loss per visitor of keeping the control. */
  readonly expected_loss_keep: number | null
  /** Expected loss of shipping in log units, likewise. */
  readonly log_loss_ship: number | null
  /** Expected loss of keeping in log units, likewise. */
  readonly log_loss_keep: number | null
  /** Distribution of the loss of shipping. */
  readonly loss: Loss
  /** Frequency and severity of revenue per visitor; null for other families. */
  readonly decomposition: {
    readonly mean_log_lift: number
    readonly frequency: Part
    readonly severity: Part
  } | null
  readonly #handle: Handle
  readonly #data: ComparisonData

  /** @internal */
  constructor(handle: Handle, data: ComparisonData) {
    const part = (name: 'frequency' | 'severity', of: PartData): Part =>
      Object.freeze({ ...of, relative: new Effect(handle, name, of.relative) })
    this.#handle = handle
    this.#data = data
    this.family = data.family
    this.model = data.model
    this.notes = data.notes
    this.control = data.control
    this.treatment = data.treatment
    this.absolute = new Effect(handle, 'absolute', data.absolute)
    this.relative = new Effect(handle, 'relative', data.relative)
    this.prob_positive = data.prob_positive
    this.prob_harm = data.prob_harm
    this.mean_log_lift = data.mean_log_lift
    this.expected_loss_ship = data.expected_loss_ship
    this.expected_loss_keep = data.expected_loss_keep
    this.log_loss_ship = data.log_loss_ship
    this.log_loss_keep = data.log_loss_keep
    this.loss = new Loss(handle, data.expected_loss_ship)
    const parts = data.decomposition
    this.decomposition = parts && Object.freeze({
      mean_log_lift: parts.mean_log_lift,
      frequency: part('frequency', parts.frequency),
      severity: part('severity', parts.severity),
    })
    Object.freeze(this)
  }

  /** P(lift > t), of the absolute lift unless `relative`; null where it is withheld. */
  probAbove(t: number, options: { readonly relative?: boolean } = {}): number | null {
    return call(() => this.#handle.probAbove(t, options.relative ?? false))
  }

  /** P(lift < t), of the absolute lift unless `relative`; null where it is withheld. */
  probBelow(t: number, options: { readonly relative?: boolean } = {}): number | null {
    return call(() => this.#handle.probBelow(t, options.relative ?? false))
  }

  /** Expected loss of shipping over so many visitors, in the metric's unit. */
  risk(visitors: number): number | null {
    return call(() => this.#handle.risk(visitors))
  }

  /** `n` draws from each arm's posterior; the same seed gives the same draws on every machine. */
  async sample(n: number, options: { readonly seed?: number } = {}): Promise<{ control: Float64Array; treatment: Float64Array }> {
    const draws = await callAsync(() => this.#handle.sample(n, options.seed ?? 0))
    const [control, treatment] = draws as [Float64Array, Float64Array]
    return { control, treatment }
  }

  /** Every figure, with the keys of Python and Rust. */
  toJSON(): ComparisonData {
    return this.#data
  }
}

/** The comparison of a family: rates, revenue and answers always have their probabilities. */
export type ComparisonOf<F extends Family> = F extends 'mean' | 'count'
  ? Comparison
  : Comparison & { readonly prob_positive: number; readonly prob_harm: number }

/**
 * The posterior of a treatment against its control, from sufficient statistics; exact, nothing is sampled.
 *
 * Answers at once, on the main thread: about 0.1 ms for a rate, 1 ms for revenue. {@link compareAsync} is better where a
 * request waits: revenue of which one arm is known a thousand times better than the other takes seconds.
 *
 * @throws {@link StoaError} with `control.`, `treatment.` or `prior.` before the field.
 * @example
 * ```ts
 * import { compare } from 'stoa-node'
 * const c = compare('binary', { control: { n: 900, successes: 81 }, treatment: { n: 905, successes: 99 } })
 * c.prob_positive.toFixed(3) // '0.915'
 * c.probAbove(0.01, { relative: true })?.toFixed(3) // '0.903'
 * const csat = compare('ordinal', { control: { counts: [4, 6, 20, 50, 70] }, treatment: { counts: [3, 5, 18, 55, 81] } })
 * csat.absolute.mean?.toFixed(2) // '0.10'
 * ```
 */
export function compare<F extends Family>(family: F, arms: ArmsOf<F>): ComparisonOf<F> {
  const handle = call(() => native.compare(...question(family, arms)))
  return comparison<F>(handle, handle.toJSON())
}

/**
 * As {@link compare}, off the main thread: the same answers, while requests go on being served.
 *
 * @throws {@link StoaError} as {@link compare}, as a rejection.
 * @example
 * ```ts
 * import { compareAsync } from 'stoa-node'
 * const arm = (orders: number) => ({ visitors: 1000, orders, mean_log: 4, var_log: 0.5, sum: 70 * orders })
 * const severity = { model: 'gamma', rate: 60 } as const
 * const revenue = await compareAsync('hurdle', { control: arm(50), treatment: arm(60), prior: { severity } })
 * revenue.model // 'beta_binomial_gamma'
 * revenue.prob_positive.toFixed(2) // '0.76'
 * ```
 */
export async function compareAsync<F extends Family>(family: F, arms: ArmsOf<F>): Promise<ComparisonOf<F>> {
  const asked = question(family, arms)
  const handle = await callAsync(() => native.compareAsync(...asked))
  return comparison<F>(handle, handle.toJSON())
}

function question<F extends Family>(family: F, arms: ArmsOf<F>): [string, string, string, string] {
  const { control, treatment, prior } = arms
  const before = prior ? documentText('prior', prior) : 'null'
  return [family, documentText('control', control), documentText('treatment', treatment), before]
}

function comparison<F extends Family>(handle: Handle, figures: string): ComparisonOf<F> {
  return new Comparison(handle, deepFreeze(JSON.parse(figures) as ComparisonData)) as ComparisonOf<F>
}
