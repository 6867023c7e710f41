import type { Decision, Reason, Variant } from '../decision.js';
import type { Problem } from '../error.js';
/** The layout that this version reads. */
export declare const FORMAT = 1;
/** The compiled plan of a bundle, made by `engine.plan()` where native code runs; plain JSON. */
export interface EdgePlan {
    /** The plan's layout. */
    readonly format: number;
    /** The bundle's content hash, which every decision carries. */
    readonly version: string;
    /** Longest unit id, in bytes of UTF-8. */
    readonly unit_bytes: number;
    /** Every reason, in the order of the checks. */
    readonly reasons: readonly {
        readonly key: Reason;
        readonly exposes: Decision['exposes'];
        readonly chosen: boolean;
    }[];
    /** The attributes that targeting reads; a slot is an index here. */
    readonly attributes: readonly string[];
    /** Segments that only a cache knows, and the hash of the rule that must have judged each. */
    readonly segments: readonly {
        readonly key: string;
        readonly hash: string;
    }[];
    readonly experiments: readonly PlannedExperiment[];
    /** What could not be loaded. */
    readonly problems: readonly Problem[];
}
/** An experiment; `ready` is null when it could not be loaded. */
export interface PlannedExperiment {
    readonly key: string;
    /** Control first. */
    readonly variants: readonly Variant[];
    /** The attributes that deciding it may read. */
    readonly attributes: readonly string[];
    readonly ready: PlannedChecks | null;
}
/** What each check looks at. */
export interface PlannedChecks {
    readonly phase: 'running' | 'idle' | {
        readonly shipped: number;
    };
    readonly overrides: Readonly<Record<string, number>>;
    readonly requires: {
        readonly experiment: number;
        readonly variants: readonly number[];
    } | null;
    readonly holdout: PlannedSlice | null;
    readonly layer: PlannedSlice | null;
    /** Names the run of a sticky experiment. */
    readonly run: string | null;
    readonly targeting: {
        readonly reads: boolean;
        readonly rule: Node;
    } | null;
    readonly draw: {
        readonly hash: string;
        readonly salt: string;
        readonly cuts: readonly number[];
        readonly allocation: number;
    };
}
/** A half-open slice of a salt's hash space. */
export interface PlannedSlice {
    readonly hash: string;
    readonly salt: string;
    readonly from: number;
    readonly to: number;
}
/** Seconds since 1970 and microseconds after, both whole. */
export type Instant = readonly [seconds: number, micros: number];
/** A rule: its kind, then its parts; tests name the slot of their attribute first. */
export type Node = readonly ['all' | 'any', ...Node[]] | readonly ['not', Node] | readonly ['member', number] | readonly ['unknown'] | readonly ['missing', number, boolean] | Tested;
/** A test of a value that is there. */
export type Tested = readonly ['is', number, boolean] | readonly ['one_of', number, boolean, readonly unknown[]] | readonly ['numbers', number, number | string, number | string] | readonly ['instants', number, Instant, Instant] | readonly ['within', number, Instant] | readonly ['starts_with' | 'ends_with' | 'contains', number, string] | readonly ['has_any' | 'has_all', number, readonly unknown[]];
