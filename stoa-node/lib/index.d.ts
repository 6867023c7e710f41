export { analyze, type Analysis, type AnalysisData, type ExperimentStats, type PairOf, type SampleRatio, type Verdict, } from './analysis';
export type { Attributes, Document, Instant } from './document';
export { Experiment, type Positional } from './bound';
export type { Decision, DecideOptions, ExperimentKey, Reason, Variant } from './decision';
export { Engine, type AssignmentSqlOptions, type EngineDocuments, type SegmentDocument } from './engine';
export { StoaError, type Problem } from './error';
export type { BucketsTrace, Check, CheckVerdict, Explanation, RuleTrace, Saw, SliceTrace, } from './explain';
export { catalog, experimentJsonSchema, experimentProblems, readDocument, type ExperimentDocument, type Family, type HashScheme, type Metric, type StoreDocument, type Surface, } from './experiment';
export { Exposures, exposureOf, type Exposure, type ExposuresOptions, type ExposuresStats } from './exposure';
export { fromEppo, fromGrowthbook, type MigrateOptions, type Migration } from './migrate';
export { monitor, type Finish, type Look, type Monitor, type TreatmentLook } from './monitor';
export { duration, power, powerAsync, smallestEffect, srm, type Baseline, type Duration, type LookChance, type PowerOptions, type SampleSize, type Srm, type Stopping, type Traffic, } from './plan';
export { compare, compareAsync, Comparison, Effect, Loss, type ComparisonData, type ComparisonOf, type Density, type Interval, type Part, type PartData, type Summary, } from './posterior';
export { reach, type Expected, type MetricReach, type PlanReach } from './reach';
export type { AmountPrior, Arms, ArmsOf, BetaPrior, BinaryStats, CountPrior, CountStats, GammaPrior, HurdlePrior, HurdleStats, LogNormalPrior, MeanPrior, MeanStats, MomentsPrior, OrdinalPrior, OrdinalStats, PositiveStats, Prior, Stats, } from './stats';
export { attributesJsonSchema, Rule, ruleJsonSchema, segmentJsonSchema, type AttributeSchema, type Dialect, type Finding, type FindingKind, type Operator, type RuleDocument, type Simplified, type SqlOptions, } from './rule';
/**
 * The experiments of your store: key, then variant, then payload. Empty here; the file that `stoa-node types` writes fills
 * it, and the compiler then knows every key, variant and payload.
 */
export interface Experiments {
}
/**
 * Version of the engine.
 *
 * @example
 * ```ts
 * import { version } from 'stoa-node'
 * version // '0.1.0'
 * ```
 */
export declare const version: string;
