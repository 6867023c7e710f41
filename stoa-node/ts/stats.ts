// What a comparison is made of: the sums of two arms, and what was believed before.
import type { Family } from './experiment'

/** A rate: visitors, and those with the outcome. */
export interface BinaryStats {
  readonly n: number
  readonly successes: number
}

/** Sums of amounts; the models `gamma` and `moments` and a verdict on revenue read `sum` and `sum_sq`. */
interface AmountSums {
  readonly sum?: number
  readonly sum_sq?: number
  /** What every larger amount was taken as before summing. */
  readonly winsorized_at?: number
  /** How many amounts were larger, where that is known. */
  readonly winsorized?: number
}

/** An order value, by the logarithm; variances are population variances. */
export interface PositiveStats extends AmountSums {
  readonly n: number
  readonly mean_log: number
  readonly var_log: number
}

/** Revenue per visitor: who ordered, and how much by the logarithm. */
export interface HurdleStats extends AmountSums {
  readonly visitors: number
  readonly orders: number
  readonly mean_log?: number
  readonly var_log?: number
}

/** Answers on ordered levels, such as a satisfaction score. */
export interface OrdinalStats {
  /** Answers of each level, lowest level first. */
  readonly counts: readonly number[]
  /** What each level counts; 1 to 5 for five levels, net promoters (−100, 0, 100) for eleven, the metric's own in an analysis. */
  readonly scores?: readonly number[]
}

/** A count per visitor, such as pages of a session. */
export interface CountStats {
  readonly n: number
  readonly total: number
  readonly total_sq: number
}

/** A number per visitor, of either sign; the variance is the population variance. */
export interface MeanStats {
  readonly n: number
  readonly mean: number
  readonly variance: number
}

/** Sufficient statistics of one arm, of any family. */
export type Stats = BinaryStats | PositiveStats | HurdleStats | OrdinalStats | CountStats | MeanStats

/** Prior of a rate: Beta(1, 1) unless said. */
export interface BetaPrior {
  readonly alpha?: number
  readonly beta?: number
}

/** Normal-Inverse-Gamma prior of a log order value; without `mean` the pooled mean of both arms. */
export interface LogNormalPrior {
  readonly model?: 'log_normal'
  /** Of the log order value. */
  readonly mean?: number | null
  /** Orders that `mean` is worth; 1. */
  readonly kappa?: number
  /** Shape of the variance; 2. */
  readonly alpha?: number
  /** Scale of the variance; 1. */
  readonly beta?: number
  /** Largest variance of the log that is believed possible; 4, above which no dollar figures are given. */
  readonly max_variance?: number
}

/** Gamma prior on the rate of order values that follow a gamma distribution; the statistics need their `sum`. */
export interface GammaPrior {
  readonly model: 'gamma'
  /** Of the rate; 1 + `gamma_shape`. */
  readonly shape?: number | null
  /** Of the rate, in the metric's unit; the pooled mean of both arms. */
  readonly rate?: number | null
  /** Shape of the order values; 1 is the exponential distribution. */
  readonly gamma_shape?: number
}

/** No law of the order values: Student's t on their mean; the statistics need `sum` and `sum_sq`. */
export interface MomentsPrior {
  readonly model: 'moments'
}

/** Model of an order value and what is believed of it; log-normal unless said. */
export type AmountPrior = LogNormalPrior | GammaPrior | MomentsPrior

/** Prior of revenue per visitor. */
export interface HurdlePrior {
  readonly conversion?: BetaPrior
  readonly severity?: AmountPrior
}

/** Dirichlet prior of the shares of the levels. */
export interface OrdinalPrior {
  /** Answers of each level seen before, one per level; 1 each unless said. */
  readonly alpha: readonly number[]
}

/** Gamma prior of a count per visitor: so many events in so many visitors, seen before; Gamma(1, 1) unless said. */
export interface CountPrior {
  readonly shape?: number
  readonly rate?: number
}

/** Normal-Inverse-Gamma prior of a number per visitor; without one, 1/σ, which needs five rows. */
export interface MeanPrior {
  readonly mean: number
  /** Visitors that `mean` is worth; 1. */
  readonly kappa?: number
  /** Shape of the variance, 2 or more; 2. */
  readonly alpha?: number
  /** Scale of the variance, in the square of the unit; its mean is beta / (alpha − 1). */
  readonly beta: number
}

/** A prior, of any family; what is left out keeps its default. */
export type Prior = BetaPrior | AmountPrior | HurdlePrior | OrdinalPrior | CountPrior | MeanPrior

/** Two arms of one metric. */
export interface Arms<S extends Stats = Stats, P extends Prior = Prior> {
  readonly control: S
  readonly treatment: S
  /** The same for both arms; the family's default when left out. */
  readonly prior?: P | null
}

interface ArmsByFamily {
  readonly binary: Arms<BinaryStats, BetaPrior>
  readonly positive: Arms<PositiveStats, AmountPrior>
  readonly hurdle: Arms<HurdleStats, HurdlePrior>
  readonly ordinal: Arms<OrdinalStats, OrdinalPrior>
  readonly count: Arms<CountStats, CountPrior>
  readonly mean: Arms<MeanStats, MeanPrior>
}

/** The arms of a family. */
export type ArmsOf<F extends Family> = ArmsByFamily[F]
