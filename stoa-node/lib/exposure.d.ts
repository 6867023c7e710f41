import type { Decision, Reason } from './decision';
/** One visitor has seen one variant: a row of the table that an analysis reads. */
export interface Exposure {
    readonly experiment: string;
    /** Key of the variant shown. */
    readonly variant: string;
    /** The visitor's id, as it was decided for. */
    readonly unit: string;
    /** When it was shown. */
    readonly time: Date;
    /** Where the attributes came from: `cache`, `redis`, `default`, or a word of the app's. */
    readonly source: string;
    /** The bundle's content hash. */
    readonly version: string;
    /** Why it was shown; `in_holdout` counts in the holdout's analysis alone. */
    readonly reason: Reason;
}
/** Options of {@link Exposures}. */
export interface ExposuresOptions {
    /** Puts a batch where exposures are kept. A batch that it throws or rejects on is tried again. */
    readonly write: (batch: readonly Exposure[]) => Promise<void> | void;
    /** Rows in a batch, at most; 500. */
    readonly maxBatch?: number;
    /** Milliseconds that a row waits for others, at most; 1,000. */
    readonly flushMs?: number;
    /** Rows waiting to be written, at most; more are dropped, and counted; 10,000. */
    readonly maxPending?: number;
    /** Pairs of experiment and visitor that are remembered, so that each is written once; 50,000. */
    readonly remembered?: number;
    /** Milliseconds that one `write` may take; 10,000. */
    readonly writeMs?: number;
    /** How often a batch is tried again before it is dropped, and counted; 5, the pauses doubling from 100 ms to 5 s. */
    readonly retries?: number;
    /** Told of every write that failed. */
    readonly onError?: (error: unknown) => void;
}
/** What became of the exposures so far. */
export interface ExposuresStats {
    /** Rows taken in. */
    readonly taken: number;
    /** Rows not taken in, because their pair was remembered. */
    readonly repeated: number;
    /** Rows that `write` accepted. */
    readonly written: number;
    /** Rows given up: no room, no usable id, closed, or never accepted. */
    readonly dropped: number;
    /** Rows not yet written. */
    readonly pending: number;
    /** Writes that failed. */
    readonly failures: number;
}
/**
 * The exposure of a decision that was shown; undefined when it counts in no analysis.
 *
 * @example
 * ```ts
 * import { exposureOf } from 'stoa-node'
 * exposureOf(decision, 'visitor-1', 'redis')?.reason // 'assigned'
 * exposureOf(engine.decide('free_shipping', 'visitor-1'), 'visitor-1', 'default') // undefined
 * ```
 */
export declare function exposureOf(decision: Decision, unit: string, source: string, time?: Date): Exposure | undefined;
/**
 * Takes exposures inside requests and writes them in batches behind them, each pair of experiment and visitor once, as
 * far as it remembers. `add` never throws and never waits; what it cannot keep is dropped and counted. A row may still be written
 * twice (by two processes, or when a write succeeded and did not say so): an analysis counts the first.
 *
 * @throws {@link StoaError} `out_of_range` for an option that is no whole number in its range.
 * @example
 * ```ts
 * import { Exposures, exposureOf } from 'stoa-node'
 * const rows = []
 * const exposures = new Exposures({ write: (batch) => void rows.push(...batch) })
 * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
 * exposures.add(exposureOf(decision, 'visitor-1', 'cache'))
 * await exposures.close()
 * rows.length // 1
 * exposures.stats().repeated // 1
 * ```
 */
export declare class Exposures {
    #private;
    constructor(options: ExposuresOptions);
    /**
     * Takes an exposure in; undefined and null are none. Never throws.
     *
     * @example
     * ```ts
     * const exposures = new Exposures({ write: async () => {} })
     * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
     * exposures.stats().pending // 1
     * ```
     */
    add(exposure: Exposure | null | undefined): void;
    /**
     * Writes what is waiting; settled when all of it is written or given up. Never rejects.
     *
     * @example
     * ```ts
     * const exposures = new Exposures({ write: async () => {} })
     * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
     * await exposures.flush()
     * exposures.stats().written // 1
     * ```
     */
    flush(): Promise<void>;
    /**
     * Takes nothing more in and writes what is waiting, for so many milliseconds; what is left then is dropped. Call it
     * before the process ends. Never rejects.
     *
     * @example
     * ```ts
     * const exposures = new Exposures({ write: () => new Promise(() => {}) })
     * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
     * await exposures.close(20)
     * exposures.stats().dropped // 1
     * ```
     */
    close(timeoutMs?: number): Promise<void>;
    /**
     * What became of the exposures so far.
     *
     * @example
     * ```ts
     * new Exposures({ write: async () => {} }).stats().dropped // 0
     * ```
     */
    stats(): ExposuresStats;
}
