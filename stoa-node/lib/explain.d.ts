import type { Decision, Reason } from './decision';
/** A variant and why. */
export interface CheckVerdict {
    readonly variant: string | null;
    readonly reason: Reason;
}
/** One check of a decision: its name, what it saw and what it says. */
export type Check = {
    /** What it would give, had no other check spoken before; null leaves it to the next. */
    readonly says: CheckVerdict | null;
    /** Whether it is the one that decided. */
    readonly spoke: boolean;
} & Saw;
/** Where a visitor lies in the hash space of a layer or a holdout; hashes are in [0, size). */
export interface SliceTrace {
    readonly key: string;
    readonly salt: string;
    readonly hash: number;
    readonly size: number;
    readonly from: number;
    readonly below: number;
    readonly inside: boolean;
}
/** What a targeting rule came to before its answer was settled; null answers are unknown. */
export interface RuleTrace {
    readonly answer: boolean | null;
    readonly comparisons: readonly {
        readonly attribute: string;
        readonly operator: string;
        readonly operand: unknown;
        /** The value found: null when missing, `{}` when of no type that rules know. */
        readonly found: unknown;
        readonly answer: boolean | null;
    }[];
    readonly memberships: readonly {
        readonly segment: string;
        readonly answer: boolean | null;
    }[];
}
/** Where a visitor lies in the buckets of a test that began in another system; the first run that holds it is drawn. */
export interface BucketsTrace {
    readonly scheme: string;
    readonly salt: string;
    readonly bucket: number;
    readonly size: number;
    readonly traffic: SliceTrace | null;
    readonly runs: readonly {
        readonly variant: string;
        readonly from: number;
        readonly below: number;
    }[];
}
/** What each check looks at, in the order of the checks. */
export type Saw = {
    readonly check: 'experiment';
    readonly saw: {
        readonly known: boolean;
    };
} | {
    readonly check: 'load';
    readonly saw: {
        readonly loaded: boolean;
    };
} | {
    readonly check: 'unit';
    readonly saw: {
        readonly bytes: number;
        readonly at_most: number;
    };
} | {
    readonly check: 'override';
    readonly saw: {
        readonly variant: string | null;
    };
} | {
    readonly check: 'status';
    readonly saw: {
        readonly status: string;
        readonly shipped: string | null;
    };
} | {
    readonly check: 'prerequisite';
    readonly saw: {
        readonly experiment: string;
        readonly variants: readonly string[];
        readonly got: CheckVerdict;
    } | null;
} | {
    readonly check: 'holdout' | 'layer';
    readonly saw: SliceTrace | null;
} | {
    readonly check: 'sticky';
    readonly saw: {
        readonly sticky: boolean;
        readonly shown: string | null;
    };
} | {
    readonly check: 'targeting';
    /** The trace is null when the attributes could not be read. */
    readonly saw: {
        readonly rule: string;
        readonly trace: RuleTrace | null;
    } | null;
} | {
    readonly check: 'allocation';
    readonly saw: {
        readonly hash: number;
        readonly below: number;
    };
} | {
    readonly check: 'buckets';
    readonly saw: BucketsTrace;
} | {
    readonly check: 'variant';
    readonly saw: {
        readonly hash: number;
        readonly cuts: readonly {
            readonly variant: string;
            readonly below: number;
        }[];
    };
};
/** Every check of a decision with its values. Frozen. */
export interface Explanation {
    readonly decision: Decision;
    readonly unit: string;
    /** The checks in their order; those after the one that spoke decided nothing. */
    readonly checks: readonly Check[];
    /** Readable lines, one a check; `>` stands before the one that decided. */
    readonly description: string;
}
/** Reads what the addon explains. */
export declare function readExplanation(text: string): Explanation;
