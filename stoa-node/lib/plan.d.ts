/** What a metric looks like in the control arm: a rate, a mean, answers on a scale, or revenue per visitor by its parts. */
export type Baseline = number | {
    readonly rate: number;
} | {
    readonly mean: number;
    readonly variance: number;
} | {
    readonly mean: number;
    readonly sd: number;
} | {
    readonly conversion_rate: number;
    readonly mean_order_value: number;
    readonly sd_order_value: number;
};
/** How an experiment is going to be judged; what is left out has its default. */
export interface PowerOptions {
    /** Chance to detect the effect when it is there; 0.8. */
    readonly power?: number;
    /** Chance to see one that is not there, over all looks and treatments; 0.05. */
    readonly alpha?: number;
    /** One direction (what a decision to ship tests) or both; `one_sided`. */
    readonly alternative?: 'one_sided' | 'two_sided';
    /** Textbook formula of a rate at one look; `pooled`. */
    readonly formula?: 'pooled' | 'unpooled' | 'arcsine';
    /** When the data are judged: so many looks at equal distances, or every day or week from day 7 on; 1, at the end. */
    readonly looks?: number | 'daily' | 'weekly';
    /** How the chance of a false alarm is spread over the looks; `obrien_fleming`, which spends hardly anything early. */
    readonly spending?: 'obrien_fleming' | 'pocock';
    /** Days to the last look, in whole weeks; 28. */
    readonly horizon_days?: number;
    /** What holds that chance: spending over the looks, or evidence that may be read at any time; `horizon`. */
    readonly guarantee?: 'horizon' | 'anytime';
    /** Treatments compared with the control, each at `alpha` / `treatments`; 1. */
    readonly treatments?: number;
    /** The treatment's part of the units of the two arms compared; 0.5. */
    readonly treatment_share?: number;
}
/** One look of a plan. */
export interface LookChance {
    /** Share of the plan that is over, 1 at the last look. */
    readonly share: number;
    /** The same in days of the horizon. */
    readonly day: number;
    /** What z must reach; null where nothing may be spent yet. */
    readonly boundary: number | null;
    /** Chance to have passed by now. */
    readonly passed: number;
    /** The same when there is no effect: the chance of a false alarm so far. */
    readonly false_alarm: number;
}
/** When an experiment is over, if the effect is the one asked about. */
export interface Stopping {
    /** Chance to pass at any look. */
    readonly power: number;
    /** Mean share of the plan that is over when it stops; one that never passes stops at the end. */
    readonly expected_share: number;
    /** The same in days of the horizon. */
    readonly expected_day: number;
    /** Every look, in order. */
    readonly looks: readonly LookChance[];
}
/** Size of an experiment: two arms compared. */
export interface SampleSize {
    /** Units in the smaller arm as the formula gives them. */
    readonly n_per_arm_exact: number;
    /** The same, rounded up; with equal arms the units of each. */
    readonly n_per_arm: number;
    /** Units of the control, rounded up. */
    readonly n_control: number;
    /** Units of the treatment, rounded up. */
    readonly n_treatment: number;
    /** Expected mean of the control. */
    readonly control_mean: number;
    /** Expected mean of the treatment. */
    readonly treatment_mean: number;
    /** When an experiment of that size is over. */
    readonly stopping: Stopping;
}
/**
 * Units per arm that a relative effect needs to be seen, and when it is over; `metric` is a metric of the catalog or a family.
 *
 * Answers at once, on the main thread: microseconds for one look, about ten milliseconds for each of many. {@link powerAsync} is
 * better where a request waits and the looks are daily.
 *
 * @throws {@link StoaError} `out_of_range`, `not_finite`, or `unknown_name` for a family that is none.
 * @example
 * ```ts
 * import { power } from 'stoa-node'
 * power('conversion_rate', 0.03, 0.1).n_per_arm // 41914
 * power('csat', { mean: 4.1, sd: 1.13 }, 0.05).n_per_arm // 376
 * const weekly = power('conversion_rate', 0.03, 0.1, { looks: 'weekly' })
 * weekly.stopping.looks.map((look) => look.day) // [7, 14, 21, 28]
 * weekly.stopping.expected_day.toFixed(0) // '22'
 * ```
 */
export declare function power(metric: string, baseline: Baseline, minimumEffect: number, options?: PowerOptions): SampleSize;
/**
 * As {@link power}, off the main thread: the same answers, while requests go on being served.
 *
 * @throws {@link StoaError} as {@link power}, as a rejection.
 * @example
 * ```ts
 * import { powerAsync } from 'stoa-node'
 * const daily = await powerAsync('conversion_rate', 0.03, 0.1, { looks: 'daily' })
 * daily.n_per_arm < 45_000 // true
 * daily.stopping.expected_day < 20.5 // true
 * ```
 */
export declare function powerAsync(metric: string, baseline: Baseline, minimumEffect: number, options?: PowerOptions): Promise<SampleSize>;
/**
 * The smallest relative rise that so many units per arm can show; null when no possible rise is large enough.
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
