import type { ExperimentDocument } from './experiment';
/** A declaration file that fills the interface `Experiments`: variants as they are, payloads by their types. */
export declare function declarations(experiments: readonly ExperimentDocument[]): string;
