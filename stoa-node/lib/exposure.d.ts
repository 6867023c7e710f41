import type { Decision, Reason } from './engine';
/** One visitor has been shown one variant: a row of the table that an analysis reads. */
export interface Exposure {
    readonly experiment: string;
    /** Key of the variant that was shown. */
    readonly variant: string;
    /** The visitor's id, as it was decided for. */
    readonly unit: string;
    /** When it was shown. */
    readonly time: Date;
    /** Where the attributes came from: `cache`, `redis`, `default`, or a name of the app's own. */
    readonly source: string;
    /** The bundle's content hash. */
    readonly version: string;
    readonly reason: Reason;
}
/** Options of {@link Exposures}. */
export interface ExposuresOptions {
    /** Takes a batch to where exposures are kept. What it throws or rejects with is tried again. */
    readonly write: (batch: readonly Exposure[]) => void | Promise<void>;
    /** Rows of one batch, at most; 500. */
    readonly maxBatch?: number;
    /** Milliseconds that a row waits for company, at most; 1,000. */
    readonly flushMs?: number;
    /** Rows waiting to be written, at most; beyond it new ones are dropped, and counted; 10,000. */
    readonly maxPending?: number;
    /** Pairs of experiment and visitor that are remembered, so that each is written once; 100,000. */
    readonly remembered?: number;
    /** How often a batch that could not be written is tried again before it is dropped, and counted; 5. */
    readonly retries?: number;
    /** Told of every batch that could not be written. */
    readonly onError?: (error: unknown) => void;
}
/** What a sink has done so far. */
export interface ExposuresStats {
    /** Rows that were taken. */
    readonly taken: number;
    /** Rows that had been taken before. */
    readonly repeated: number;
    /** Rows that `write` has accepted. */
    readonly written: number;
    /** Rows that were given up: too many waiting, or never accepted. */
    readonly dropped: number;
    /** Attempts of `write` that failed. */
    readonly failures: number;
    /** Rows not yet written. */
    readonly pending: number;
}
/**
 * The row for a decision that was shown, nothing for one that counts in no analysis.
 *
 * @example
 * ```ts
 * exposureOf(decision, 'visitor-1', 'redis', new Date('2026-01-31')).variant === decision.variant // true
 * exposureOf(engine.decide('free_shipping', 'visitor-1'), 'visitor-1', 'default') // undefined
 * ```
 */
export declare function exposureOf(decision: Decision, unit: string, source: string, time?: Date): Exposure | undefined;
/**
 * Takes exposures inside requests and writes them in batches behind them: each experiment and visitor once, as far as it
 * remembers. An analysis counts a visitor's first exposure, so a row that is written twice, by two processes say, does no
 * harm.
 *
 * @example
 * ```ts
 * import { Exposures, exposureOf } from 'stoa-node'
 * const rows = []
 * const exposures = new Exposures({ write: (batch) => void rows.push(...batch) })
 * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
 * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
 * await exposures.close()
 * rows.length // 1
 * exposures.stats().repeated // 1
 * ```
 */
export declare class Exposures {
    #private;
    /** @throws {@link StoaError} `out_of_range` for a number that cannot be. */
    constructor(options: ExposuresOptions);
    /** Takes an exposure, or nothing. Never throws and never waits: what it cannot take is counted. */
    add(exposure: Exposure | undefined): void;
    /** Writes what is waiting; settled when it, and all before it, has been written or given up. Never rejects. */
    flush(): Promise<void>;
    /** Writes what is waiting, when the process is about to end. */
    close(): Promise<void>;
    /** What has been taken, written and given up so far. */
    stats(): ExposuresStats;
}
/** Calls a hook, whose own errors are nobody's business in a request. */
export declare function tell(hook: (error: unknown) => void, error: unknown): void;
