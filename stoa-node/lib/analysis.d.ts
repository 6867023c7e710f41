import { type Document } from './document';
import { type ExperimentDocument, type Metric, type StoreDocument } from './experiment';
import type { Srm } from './plan';
import { Comparison, type ComparisonData } from './posterior';
import type { Stats } from './stats';
/** Sufficient statistics of an experiment: all that an analysis reads. */
export interface ExperimentStats {
    /** The experiment's key. */
    readonly experiment: string;
    /** Days since it began; while an experiment with a horizon runs, no look counts without it. */
    readonly day?: number;
    readonly variants: readonly {
        readonly key: string;
        /** Visitors exposed to it. */
        readonly n: number;
        /** By metric key. */
        readonly metrics: Readonly<Record<string, Stats>>;
    }[];
}
/** What to do, why, and the sentence a person reads. */
export interface Verdict {
    readonly action: 'ship' | 'continue' | 'stop' | 'investigate' | 'invalid';
    /** The treatment it is about, if it is about one. */
    readonly variant: string | null;
    /** Which error guarantee holds over repeated looks, of the plan. */
    readonly guarantee: 'horizon' | 'anytime';
    /** Whether satisfaction was judged by a declared proxy. */
    readonly proxy: boolean;
    /** Every gate, in the order of the rule. */
    readonly reasons: readonly {
        /** Stable name of the gate, such as `boundary`, `expected_loss` or `satisfaction_not_shown`. */
        readonly code: string;
        /** Metric it reads, if it reads one. */
        readonly metric: string | null;
        /** What was found; null when it could not be measured. */
        readonly value: number | null;
        /** What it was held against. */
        readonly threshold: number | null;
        /** Whether the gate is open for shipping. */
        readonly passed: boolean;
        readonly sentence: string;
    }[];
    readonly sentence: string;
}
/** The sample-ratio test and what it was held against. */
export interface SampleRatio extends Srm {
    /** The p-value that may be read at every look, while the experiment runs; it then decides, not the test's own. */
    readonly sequential_p: number | null;
    /** Least p-value that passes. */
    readonly threshold: number;
    readonly passed: boolean;
}
/** The readout of an experiment as data; the same keys in Python and Rust. */
export interface AnalysisData {
    readonly experiment: string;
    readonly control: string;
    readonly variants: readonly {
        readonly key: string;
        readonly n: number;
        readonly share: number;
        readonly expected_share: number;
    }[];
    /** The sample-ratio test, always first. */
    readonly srm: SampleRatio;
    readonly roles: readonly {
        readonly metric: Metric;
        readonly role: string;
        readonly [fact: string]: unknown;
    }[];
    /** By metric, then treatment, against the control. */
    readonly metrics: Readonly<Record<string, Readonly<Record<string, ComparisonData>>>>;
    /** Treatments against each other. */
    readonly pairs: readonly PairOf<ComparisonData>[];
    /** One for each treatment. */
    readonly verdicts: Readonly<Record<string, Verdict>>;
    readonly verdict: Verdict;
    readonly notes: readonly {
        readonly code: string;
        readonly metric: string | null;
        readonly sentence: string;
    }[];
}
/** Two arms on one metric. */
export interface PairOf<C> {
    readonly metric: string;
    readonly control: string;
    readonly treatment: string;
    readonly comparison: C;
}
/** The readout of an experiment; its comparisons answer questions. */
export interface Analysis extends Omit<AnalysisData, 'metrics' | 'pairs'> {
    readonly metrics: Readonly<Record<string, Readonly<Record<string, Comparison>>>>;
    readonly pairs: readonly PairOf<Comparison>[];
    /** Everything in it as plain data. */
    toJSON(): AnalysisData;
}
/**
 * The whole readout of an experiment from its sums: sample ratio first, every metric, a verdict with its reasons.
 *
 * Runs off the main thread. While an experiment with a horizon runs, the verdict needs the `day` of the statistics: it takes the
 * planned looks before that day as having been. A history of looks is for {@link monitor}.
 *
 * @throws {@link StoaError} with all problems of the statistics or the experiment.
 * @example
 * ```ts
 * import { analyze } from 'stoa-node'
 * const arm = (key: string, orders: number) => ({
 *   key,
 *   n: 1000,
 *   metrics: {
 *     revenue_per_visitor: { visitors: 1000, orders, mean_log: 4, var_log: 0.5 },
 *     return_visit_rate: { n: 1000, successes: 300 },
 *   },
 * })
 * const satisfaction = { metric: 'return_visit_rate', proxy_reason: 'no survey runs yet' }
 * const experiment = { ...bundle.experiments[0], metrics: { revenue: { metric: 'revenue_per_visitor' }, satisfaction } }
 * const stats = { experiment: 'free_shipping', day: 14, variants: [arm('A', 50), arm('B', 60)] }
 * const analysis = await analyze(stats, experiment)
 * analysis.srm.passed // true
 * analysis.metrics.revenue_per_visitor?.B?.prob_positive?.toFixed(2) // '0.77'
 * analysis.verdict.action // 'continue'
 * ```
 */
export declare function analyze(stats: ExperimentStats | Document, experiment: ExperimentDocument | Document, options?: {
    readonly store?: StoreDocument | Document;
}): Promise<Analysis>;
