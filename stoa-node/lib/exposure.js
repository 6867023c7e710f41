"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Exposures = void 0;
exports.exposureOf = exposureOf;
exports.tell = tell;
const cockatiel_1 = require("cockatiel");
const tiny_lru_1 = require("tiny-lru");
const options_1 = require("./options");
/**
 * The row for a decision that was shown, nothing for one that counts in no analysis.
 *
 * @example
 * ```ts
 * exposureOf(decision, 'visitor-1', 'redis', new Date('2026-01-31')).variant === decision.variant // true
 * exposureOf(engine.decide('free_shipping', 'visitor-1'), 'visitor-1', 'default') // undefined
 * ```
 */
function exposureOf(decision, unit, source, time = new Date()) {
    const { experiment, variant, version, reason, exposes } = decision;
    if (exposes === 'none' || variant === null)
        return undefined;
    return { experiment, variant, unit, time, source, version, reason };
}
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
class Exposures {
    #write;
    #onError;
    #maxBatch;
    #flushMs;
    #maxPending;
    #seen;
    #retry;
    #counts = { taken: 0, repeated: 0, written: 0, dropped: 0, failures: 0 };
    #waiting = [];
    /** Rows that are being written now. */
    #underway = 0;
    #timer;
    /** The end of the batches written so far: one at a time, in order. */
    #last = Promise.resolve();
    /** @throws {@link StoaError} `out_of_range` for a number that cannot be. */
    constructor(options) {
        this.#write = options.write;
        this.#onError = options.onError ?? (() => { });
        this.#maxBatch = (0, options_1.atLeast)(1, 'maxBatch', options.maxBatch ?? 500);
        this.#flushMs = (0, options_1.atLeast)(0, 'flushMs', options.flushMs ?? 1_000);
        this.#maxPending = (0, options_1.atLeast)(1, 'maxPending', options.maxPending ?? 10_000);
        this.#seen = (0, tiny_lru_1.lru)((0, options_1.atLeast)(1, 'remembered', options.remembered ?? 100_000));
        this.#retry = (0, cockatiel_1.retry)(cockatiel_1.handleAll, {
            maxAttempts: (0, options_1.atLeast)(0, 'retries', options.retries ?? 5),
            backoff: new cockatiel_1.ExponentialBackoff({ initialDelay: 100, maxDelay: 5_000 }),
        }).dangerouslyUnref();
    }
    /** Takes an exposure, or nothing. Never throws and never waits: what it cannot take is counted. */
    add(exposure) {
        if (exposure === undefined)
            return;
        const pair = JSON.stringify([exposure.experiment, exposure.unit]);
        if (this.#seen.get(pair)) {
            this.#counts.repeated += 1;
            return;
        }
        if (this.#pending() >= this.#maxPending) {
            // Not remembered: shown again when there is room, it is written then.
            this.#counts.dropped += 1;
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
    /** Writes what is waiting; settled when it, and all before it, has been written or given up. Never rejects. */
    flush() {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        while (this.#waiting.length > 0) {
            const batch = this.#waiting.splice(0, this.#maxBatch);
            this.#underway += batch.length;
            this.#last = this.#last.then(() => this.#send(batch));
        }
        return this.#last;
    }
    /** Writes what is waiting, when the process is about to end. */
    close() {
        return this.flush();
    }
    /** What has been taken, written and given up so far. */
    stats() {
        return { ...this.#counts, pending: this.#pending() };
    }
    #pending() {
        return this.#waiting.length + this.#underway;
    }
    async #send(batch) {
        try {
            await this.#retry.execute(() => this.#attempt(batch));
            this.#counts.written += batch.length;
        }
        catch {
            this.#counts.dropped += batch.length;
        }
        this.#underway -= batch.length;
    }
    async #attempt(batch) {
        try {
            await this.#write(batch);
        }
        catch (error) {
            this.#counts.failures += 1;
            tell(this.#onError, error);
            throw error;
        }
    }
}
exports.Exposures = Exposures;
/** Calls a hook, whose own errors are nobody's business in a request. */
function tell(hook, error) {
    try {
        hook(error);
    }
    catch {
        // There is no one left to tell.
    }
}
