"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Exposures = void 0;
exports.exposureOf = exposureOf;
// Who has seen what: handed over inside a request, written in batches behind it.
const cockatiel_1 = require("cockatiel");
const lru_cache_1 = require("lru-cache");
const options_1 = require("./options");
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
function exposureOf(decision, unit, source, time = new Date()) {
    const { experiment, variant, exposes, version, reason } = decision;
    if (exposes === 'none' || variant === null)
        return undefined;
    return { experiment, variant, unit, time, source, version, reason };
}
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
class Exposures {
    #write;
    #maxBatch;
    #flushMs;
    #maxPending;
    #seen;
    #counts = { taken: 0, repeated: 0, written: 0, dropped: 0, failures: 0 };
    /** Rows in the order they came; those of the batch being written stay until it is settled. */
    #waiting = [];
    #timer;
    #draining;
    #closed = false;
    /** Aborted when nothing is tried any more. */
    #end = new AbortController();
    constructor(options) {
        this.#write = this.#patient(options);
        this.#maxBatch = (0, options_1.atLeast)(1, 'maxBatch', options.maxBatch ?? 500);
        this.#flushMs = (0, options_1.atLeast)(0, 'flushMs', options.flushMs ?? 1_000);
        this.#maxPending = (0, options_1.atLeast)(1, 'maxPending', options.maxPending ?? 10_000);
        this.#seen = new lru_cache_1.LRUCache({ max: (0, options_1.atLeast)(1, 'remembered', options.remembered ?? 50_000, options_1.MOST_KEPT) });
    }
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
    add(exposure) {
        if (exposure === undefined || exposure === null)
            return;
        const pair = pairOf(exposure);
        if (this.#closed || this.#waiting.length >= this.#maxPending || pair === undefined) {
            this.#counts.dropped += 1;
            return;
        }
        if (this.#seen.has(pair)) {
            this.#counts.repeated += 1;
            return;
        }
        this.#seen.set(pair, true);
        this.#counts.taken += 1;
        this.#waiting.push(exposure);
        if (this.#waiting.length >= this.#maxBatch)
            void this.flush();
        else
            this.#timer ??= setTimeout(() => void this.flush(), this.#flushMs).unref();
    }
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
    flush() {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        // A microtask later, so that a write that throws or blocks does it outside the request's own call.
        return (this.#draining ??= Promise.resolve().then(() => this.#drain()));
    }
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
    async close(timeoutMs = 5_000) {
        this.#closed = true;
        let timer;
        const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)));
        await Promise.race([this.flush(), late]);
        clearTimeout(timer);
        this.#end.abort();
        this.#counts.dropped += this.#waiting.length;
        this.#waiting = [];
    }
    /**
     * What became of the exposures so far.
     *
     * @example
     * ```ts
     * new Exposures({ write: async () => {} }).stats().dropped // 0
     * ```
     */
    stats() {
        return { ...this.#counts, pending: this.#waiting.length };
    }
    async #drain() {
        while (this.#waiting.length > 0) {
            const batch = Object.freeze(this.#waiting.slice(0, this.#maxBatch));
            const written = await this.#write(batch).then(() => true, () => false);
            // Closed meanwhile: the rows are counted already.
            if (this.#waiting[0] !== batch[0])
                break;
            this.#waiting.splice(0, batch.length);
            this.#counts[written ? 'written' : 'dropped'] += batch.length;
            if (!written)
                for (const exposure of batch)
                    this.#seen.delete(pairOf(exposure) ?? '');
        }
        this.#draining = undefined;
    }
    /** `write`, bounded in time, tried again after a pause, its failures counted and told. */
    #patient({ write, retries, writeMs, onError }) {
        const again = (0, cockatiel_1.retry)(cockatiel_1.handleAll, {
            maxAttempts: (0, options_1.atLeast)(0, 'retries', retries ?? 5),
            backoff: new cockatiel_1.ExponentialBackoff({ initialDelay: 100, maxDelay: 5_000 }),
        });
        const bounded = (0, cockatiel_1.timeout)((0, options_1.atLeast)(1, 'writeMs', writeMs ?? 10_000), cockatiel_1.TimeoutStrategy.Aggressive);
        bounded.onFailure(({ reason }) => {
            this.#counts.failures += 1;
            (0, options_1.tell)(onError, 'error' in reason ? reason.error : reason);
        });
        const policy = (0, cockatiel_1.wrap)(again, bounded);
        return (batch) => policy.execute(() => write(batch), this.#end.signal);
    }
}
exports.Exposures = Exposures;
/**
 * What is remembered of a row; undefined when it is none. Neither a key of an experiment nor an id that is decided for is
 * long, so neither is the pair.
 */
function pairOf(exposure) {
    try {
        const { experiment, unit } = exposure;
        const usable = typeof unit === 'string' && unit !== '' && Buffer.byteLength(unit) <= options_1.MAX_ID_BYTES;
        return usable ? `${experiment}\0${unit}` : undefined;
    }
    catch {
        return undefined;
    }
}
