import type { Reason } from '../decision.js';
import type { EdgePlan, Instant, PlannedChecks, PlannedExperiment } from './plan.mjs';
import { type Judge } from './rule.mjs';
import type { Visitor } from './visitor.mjs';
/** What a unit gets: the index of the variant, −1 when there is none to give, and why. */
export interface Outcome {
    readonly variant: number;
    readonly reason: Reason;
}
/** One unit before every experiment. */
export interface Case {
    /** The id, well-formed. */
    readonly unit: string;
    /** Undefined when it could not be read. */
    readonly visitor: Visitor | undefined;
    readonly now: Instant;
    /** Index of the experiment → variant that a sticky experiment has shown. */
    readonly shown: ReadonlyMap<number, number>;
}
/** An experiment made ready. */
export interface Entry {
    readonly key: string;
    readonly variants: PlannedExperiment['variants'];
    /** The attributes that deciding it may read. */
    readonly attributes: readonly string[];
    /** Undefined when it could not be loaded. */
    readonly ready: Ready | undefined;
}
interface Ready extends Omit<PlannedChecks, 'overrides' | 'targeting'> {
    readonly overrides: ReadonlyMap<string, number>;
    readonly reads: boolean;
    readonly rule: Judge | undefined;
}
/** How an experiment hashes, when in a way this module does not have. */
export declare function strangeHash({ ready }: PlannedExperiment): string | undefined;
/** Makes an experiment of the plan ready. */
export declare function entryOf(planned: PlannedExperiment, plan: EdgePlan): Entry;
/** The decisions of one plan. */
export declare class Checks {
    #private;
    constructor(entries: readonly Entry[], plan: EdgePlan);
    /** Whether a variant was chosen for the unit rather than fallen back to. */
    chosen(reason: Reason): boolean;
    /** Whether a unit that got `reason` is told about an experiment: not while it does not run for them. */
    shows({ ready }: Entry, reason: Reason): boolean;
    /** The decision of experiment `index` about a unit. */
    outcome(index: number, one: Case): Outcome;
}
export {};
