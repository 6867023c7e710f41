import type { ExperimentStats, SampleRatio, Verdict } from './analysis';
import { type Document } from './document';
import { type ExperimentDocument, type StoreDocument } from './experiment';
/** One treatment at one look. */
export interface TreatmentLook {
    /** Key of the treatment. */
    readonly variant: string;
    /** z of its revenue, above 0 where it is better; null before both arms have visitors. */
    readonly z: number | null;
    /** What z has to reach at this look; null where it has no boundary. */
    readonly boundary: number | null;
    /** Evidence at any time that its revenue is better; null under the other guarantee. */
    readonly e_value: number | null;
    /** What to do with it. */
    readonly verdict: Verdict;
}
/** One look at an experiment. */
export interface Look {
    /** Days since the experiment began. */
    readonly day: number | null;
    /** Visitors so far, all variants together. */
    readonly units: number;
    /** Share of the plan that is over: 1 at the last look. */
    readonly information: number | null;
    /** Chance of a false win that all looks so far may have had; null where this look had no boundary. */
    readonly spent: number | null;
    /** Whether it was the last look. */
    readonly last: boolean;
    /** Whether the arms hold their shares; null before the first visitor. */
    readonly srm: SampleRatio | null;
    /** Each treatment, in the contract's order. */
    readonly treatments: readonly TreatmentLook[];
    /** The experiment's verdict. */
    readonly verdict: Verdict;
}
/** When an experiment is expected to be decided. */
export interface Finish {
    /** Day of the experiment; null where no end is in sight within the plan. */
    readonly day: number | null;
    /** The same in words, with the reason. */
    readonly sentence: string;
}
/** What every look of an experiment said, and its outlook; the same keys in Python and Rust. */
export interface Monitor {
    /** The experiment's key. */
    readonly experiment: string;
    /** One per entry of the history. */
    readonly looks: readonly Look[];
    /** The verdict of the last one. */
    readonly verdict: Verdict;
    readonly finish: Finish;
    /** What would change the verdict, in a sentence. */
    readonly would_change: string;
}
/**
 * What to do at every look of an experiment, when it is expected to be decided, and what would change the verdict.
 *
 * `history` holds the counts so far at each look, in order of their days: a list, or `{ looks }` of one. With a horizon, those looks
 * share the plan's alpha. Of a stopped experiment the last entry is the last look. {@link analyze} reads one day and takes the looks
 * before it as planned. Runs off the main thread, milliseconds a look.
 *
 * @throws {@link StoaError} `out_of_range` for no history or days that do not rise; what the statistics' checks refuse, by
 * `history[k]`.
 * @example
 * ```ts
 * import { monitor } from 'stoa-node'
 * const arm = (key: string, day: number, orders: number) => {
 *   const rate = (each: number) => ({ n: 900 * day, successes: each * day })
 *   return { key, n: 900 * day, metrics: { conversion_rate: rate(orders), return_visit_rate: rate(270) } }
 * }
 * const satisfaction = { metric: 'return_visit_rate', proxy_reason: 'no survey runs yet' }
 * const experiment = { ...bundle.experiments[0], metrics: { revenue: { metric: 'conversion_rate' }, satisfaction } }
 * const look = (day: number) => ({ experiment: 'free_shipping', day, variants: [arm('A', day, 27), arm('B', day, 31)] })
 * const seen = await monitor([7, 8, 9].map(look), experiment)
 * seen.looks.map((one) => one.treatments[0]?.boundary?.toFixed(1)) // ['3.7', '3.5', '3.3']
 * seen.verdict.action // 'continue'
 * seen.finish.day !== null && seen.finish.day < 28 // true
 * ```
 */
export declare function monitor(history: readonly ExperimentStats[] | {
    readonly looks: readonly ExperimentStats[];
} | Document, experiment: ExperimentDocument | Document, options?: {
    readonly store?: StoreDocument | Document;
}): Promise<Monitor>;
