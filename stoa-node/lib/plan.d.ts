/** What a metric looks like in the control arm: a rate, a mean, or revenue per visitor by its parts. */
export type Baseline = number | {
    readonly rate: number;
} | {
    readonly mean: number;
    readonly variance: number;
} | {
    readonly conversion_rate: number;
    readonly mean_order_value: number;
    readonly sd_order_value: number;
};
/** Error rates and form of the test. */
export interface PowerOptions {
    /** Chance to detect the effect when it is there; 0.8. */
    readonly power?: number;
    /** Chance to see one that is not there; 0.05. */
    readonly alpha?: number;
    /** One direction (what a decision to ship tests) or both; `one_sided`. */
    readonly alternative?: 'one_sided' | 'two_sided';
    /** Textbook formula of a rate; `pooled`. */
    readonly formula?: 'pooled' | 'unpooled' | 'arcsine';
    /** Times the data are judged; 1 in this version, more is refused as `unsupported`. */
    readonly looks?: number;
}
/** Size of an experiment of two equal arms. */
export interface SampleSize {
    /** Visitors per arm as the formula gives them. */
    readonly n_per_arm_exact: number;
    /** The same, rounded up. */
    readonly n_per_arm: number;
    /** Expected mean of the control. */
    readonly control_mean: number;
    /** Expected mean of the treatment. */
    readonly treatment_mean: number;
}
/**
 * Visitors per arm that a relative effect needs to be seen; `metric` is a metric of the catalog or a family.
 *
 * @throws {@link StoaError} `out_of_range`, `not_finite`, or `unknown_name` for a family without a formula.
 * @example
 * ```ts
 * import { power } from 'stoa-node'
 * power('conversion_rate', 0.03, 0.1).n_per_arm // 41914
 * ```
 */
export declare function power(metric: string, baseline: Baseline, minimumEffect: number, options?: PowerOptions): SampleSize;
/**
 * The smallest relative rise that so many visitors per arm can show; null when no possible rise is large enough.
 *
 * @example
 * ```ts
 * import { smallestEffect } from 'stoa-node'
 * smallestEffect('conversion_rate', 0.03, 41_914)?.toFixed(3) // '0.100'
 * ```
 */
export declare function smallestEffect(metric: string, baseline: Baseline, nPerArm: number, options?: PowerOptions): number | null;
/** Traffic that an experiment runs on. */
export interface Traffic {
    /** Visitors each arm needs. */
    readonly n_per_arm: number;
    /** Eligible visitors a day. */
    readonly visitors_per_day: number;
    /** Share of them that enters; 1. */
    readonly allocation?: number;
    /** Share of those in the smallest arm; 0.5. */
    readonly smallest_share?: number;
}
/** How long an experiment runs. */
export interface Duration {
    /** Visitors over all arms. */
    readonly n_total: number;
    /** Days of traffic, rounded up. */
    readonly days: number;
    /** Whole weeks that hold those days. */
    readonly horizon_days: number;
}
/**
 * Days and whole weeks that traffic needs to fill every arm.
 *
 * @example
 * ```ts
 * import { duration } from 'stoa-node'
 * duration({ n_per_arm: 41_914, visitors_per_day: 4_000 }).horizon_days // 21
 * ```
 */
export declare function duration(traffic: Traffic): Duration;
/** The sample-ratio test of one look. */
export interface Srm {
    /** Visitors seen, one per arm. */
    readonly observed: readonly number[];
    /** Shares promised, summing to 1. */
    readonly expected_share: readonly number[];
    /** Pearson's chi-squared. */
    readonly statistic: number;
    /** Degrees of freedom. */
    readonly df: number;
    /** Chance of such counts when the shares hold. */
    readonly p_value: number;
    /** Its base-10 logarithm, finite even where the p-value is 0. */
    readonly log10_p: number;
}
/**
 * Whether the arms' counts are a plausible draw from the promised shares; weights need not sum to 1.
 *
 * @example
 * ```ts
 * import { srm } from 'stoa-node'
 * srm([44_700, 45_489], [1, 1]).p_value.toFixed(4) // '0.0086'
 * ```
 */
export declare function srm(observed: readonly number[], expected: readonly number[]): Srm;
