export { analyze, type Analysis, type AnalysisData, type ExperimentStats, type PairOf, type Verdict } from './analysis';
export type { Attributes, Document, Instant } from './document';
export { Experiment, type Positional } from './bound';
export type { Decision, DecideOptions, ExperimentKey, Reason, Variant } from './decision';
export { Engine, type AssignmentSqlOptions, type EngineDocuments, type SegmentDocument } from './engine';
export { StoaError, type Problem } from './error';
export type { BucketsTrace, Check, CheckVerdict, Explanation, RuleTrace, Saw, SliceTrace, } from './explain';
export { catalog, experimentJsonSchema, experimentProblems, readDocument, type ExperimentDocument, type Family, type HashScheme, type Metric, type StoreDocument, type Surface, } from './experiment';
export { Exposures, exposureOf, type Exposure, type ExposuresOptions, type ExposuresStats } from './exposure';
export { fromEppo, fromGrowthbook, type MigrateOptions, type Migration } from './migrate';
export { duration, power, smallestEffect, srm, type Baseline, type Duration, type PowerOptions, type SampleSize, type Srm, type Traffic, } from './plan';
export { compare, Comparison, Effect, Loss, type Arms, type ArmsOf, type BetaPrior, type BinaryStats, type ComparisonData, type CountStats, type Density, type HurdlePrior, type HurdleStats, type Interval, type LogNormalPrior, type MeanStats, type Part, type PartData, type PositiveStats, type Prior, type Stats, type Summary, } from './posterior';
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
