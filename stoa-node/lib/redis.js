"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.AttributeStore = void 0;
/**
 * A visitor's attributes from Redis, inside a request: in time or not at all, and never in the page's way.
 *
 * @packageDocumentation
 */
const cockatiel_1 = require("cockatiel");
const lru_cache_1 = require("lru-cache");
const redis_1 = require("redis");
const options_1 = require("./options");
const redis_client_1 = require("./redis-client");
const redis_keys_1 = require("./redis-keys");
const NOTHING = Symbol('nothing');
/** Bytes that a remembered visitor takes beside the document and the id, about. */
const ENTRY_BYTES = 200;
/** Milliseconds that a visitor of whom nothing was found is not asked for again, at most. */
const NOTHING_MS = 1_000;
/** How often a pointer that changes while it is read is followed. */
const FLIPS = 3;
const DEFAULT = Object.freeze({ attributes: undefined, source: 'default' });
/**
 * Reads visitors' attributes from Redis, as `stoa push` writes them, for a request that must not wait: `get` answers within
 * its budget whatever Redis does, and never rejects. What is not known gives the control experience, and every answer says
 * where it came from, so that exposures can say it too.
 *
 * One question a visitor: the pointer and both generations in one MGET. After some failures in a row Redis is left alone
 * for a second, and then tried by one visitor. Docs: docs/STOREFRONT.md.
 *
 * @throws {@link StoaError} for an option outside its range, or when both or none of `url` and `client` are given.
 * @example
 * ```ts
 * import { AttributeStore } from 'stoa-node/redis'
 * // Nothing listens there.
 * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
 * const { attributes, source } = await store.get('visitor-1')
 * source // 'default'
 * engine.decide('free_shipping', 'visitor-1', attributes).variant // 'A'
 * await store.close()
 * ```
 */
class AttributeStore {
    #keys;
    #connection;
    #breaker;
    #cache;
    #timeoutMs;
    #maxBytes;
    #onError;
    #counts = { cache: 0, redis: 0, default: 0, unknown: 0, unusable: 0, timeouts: 0, errors: 0, skipped: 0 };
    /** Questions under way, by visitor: who asks meanwhile shares the answer. */
    #asked = new Map();
    #generations;
    constructor(options) {
        this.#keys = new redis_keys_1.Keys(options.namespace);
        this.#timeoutMs = (0, options_1.atLeast)(1, 'timeoutMs', options.timeoutMs ?? 15);
        this.#maxBytes = (0, options_1.atLeast)(1, 'maxBytes', options.maxBytes ?? 65_536);
        this.#onError = options.onError;
        this.#cache = cacheOf(options);
        this.#breaker = (0, cockatiel_1.circuitBreaker)((0, cockatiel_1.handleWhen)(isDown), {
            breaker: new cockatiel_1.ConsecutiveBreaker((0, options_1.atLeast)(1, 'failures', options.failures ?? 5)),
            halfOpenAfter: (0, options_1.atLeast)(1, 'retryMs', options.retryMs ?? 1_000),
        });
        this.#connection = new redis_client_1.Connection(options.url, options.client, (error) => (0, options_1.tell)(this.#onError, error));
    }
    /**
     * The attributes of a visitor. Never rejects, and takes no longer than `timeoutMs`, whatever the id and whatever Redis does.
     *
     * @example
     * ```ts
     * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
     * await store.get(undefined) // { source: 'default' }
     * await store.close()
     * ```
     */
    async get(visitorId) {
        const found = await this.#find(visitorId);
        this.#counts[found.source] += 1;
        return found;
    }
    /**
     * Whether Redis is connected, now or within so many milliseconds: for a server that would rather begin with its
     * attributes. Never rejects.
     *
     * @example
     * ```ts
     * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
     * await store.ready(50) // false
     * await store.close()
     * ```
     */
    ready(timeoutMs = 1_000) {
        return this.#connection.ready(timeoutMs);
    }
    /**
     * What the store did so far.
     *
     * @example
     * ```ts
     * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
     * store.stats().open // false
     * await store.close()
     * ```
     */
    stats() {
        return { ...this.#counts, open: this.#breaker.state !== cockatiel_1.CircuitState.Closed };
    }
    /**
     * Forgets what it remembers, and ends the connection if it is the store's own. Never rejects.
     *
     * @example
     * ```ts
     * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
     * await store.close()
     * (await store.get('visitor-1')).source // 'default'
     * ```
     */
    async close() {
        this.#cache?.clear();
        this.#connection.close();
    }
    #find(id) {
        if (!(0, redis_keys_1.isId)(id))
            return DEFAULT;
        const known = this.#cache?.get(id);
        if (known === undefined)
            return this.#asked.get(id) ?? this.#ask(id);
        return known === NOTHING ? DEFAULT : { attributes: known, source: 'cache' };
    }
    #ask(id) {
        // While one visitor tries Redis, the others do not wait for how it ends.
        if (this.#breaker.state === cockatiel_1.CircuitState.HalfOpen) {
            this.#counts.skipped += 1;
            return DEFAULT;
        }
        const found = this.#breaker
            .execute(() => inTime(this.#timeoutMs, this.#read(id)))
            .catch((error) => this.#failed(error))
            .finally(() => this.#asked.delete(id));
        this.#asked.set(id, found);
        return found;
    }
    /** Reads a visitor. It goes on when its time is over: a late answer is there for the visitor's next request. */
    async #read(id) {
        const document = await this.#look(id);
        if (document === undefined) {
            this.#cache?.set(id, NOTHING, { ttl: Math.min(this.#cache.ttl, NOTHING_MS) });
            return DEFAULT;
        }
        // A copy: what the client gives is a view of all that its socket read at once.
        this.#cache?.set(id, copy(document));
        return { attributes: document, source: 'redis' };
    }
    /** The visitor's document. Every question reads the pointer too, so that an answer never stands on an old one. */
    async #look(id) {
        for (let flip = 0; flip <= FLIPS; flip += 1) {
            const asked = this.#generations;
            const keys = asked === undefined ? [] : this.#keys.visitor(id, asked);
            const [pointer, ...documents] = await this.#connection.values([this.#keys.pointer, ...keys]);
            this.#generations = this.#pointed(pointer);
            if (same(asked, this.#generations))
                return this.#first(documents);
        }
        throw new Error(`${this.#keys.pointer} changes faster than it can be followed`);
    }
    #pointed(pointer) {
        if (!Buffer.isBuffer(pointer))
            return undefined;
        const generations = pointer.length <= this.#maxBytes ? (0, redis_keys_1.readPointer)(pointer) : undefined;
        if (generations === undefined)
            this.#refuse(this.#keys.pointer, pointer);
        return generations;
    }
    /** The first document there is, if it can be read. */
    #first(documents) {
        const document = documents.find((value) => Buffer.isBuffer(value));
        if (document === undefined) {
            this.#counts.unknown += 1;
            return undefined;
        }
        if (document.length > this.#maxBytes || (0, redis_keys_1.jsonObject)(document) === undefined) {
            return this.#refuse('the document of a visitor', document);
        }
        return document;
    }
    #refuse(what, found) {
        this.#counts.unusable += 1;
        (0, options_1.tell)(this.#onError, new Error(`${what} must be a JSON object of at most ${this.#maxBytes} bytes, got ${found.length} bytes`));
    }
    #failed(error) {
        if ((0, cockatiel_1.isBrokenCircuitError)(error)) {
            this.#counts.skipped += 1;
            return DEFAULT;
        }
        const late = error instanceof LateError;
        this.#counts[late ? 'timeouts' : 'errors'] += 1;
        if (late)
            this.#connection.late();
        (0, options_1.tell)(this.#onError, error);
        return DEFAULT;
    }
}
exports.AttributeStore = AttributeStore;
/** Redis did not answer within the budget. */
class LateError extends Error {
    name = 'LateError';
}
/** A promise's outcome, or {@link LateError} when it takes longer. What has arrived while the process was busy is in time. */
function inTime(ms, promise) {
    return new Promise((resolve, reject) => {
        const late = () => reject(new LateError(`Redis did not answer within ${ms} ms`));
        // Timers run before the sockets are read, and immediates after.
        const timer = setTimeout(setImmediate, ms, late);
        promise.then(resolve, reject).finally(() => clearTimeout(timer));
    });
}
/** Redis that answers, be it with an error, is not down. */
function isDown(error) {
    return !(error instanceof redis_1.ErrorReply);
}
function copy(bytes) {
    const own = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(own);
    return own;
}
function same(a, b) {
    return a?.current === b?.current && a?.previous === b?.previous;
}
function cacheOf(options) {
    const ttl = (0, options_1.atLeast)(0, 'cacheMs', options.cacheMs ?? 5_000);
    const max = (0, options_1.atLeast)(1, 'cacheSize', options.cacheSize ?? 5_000, options_1.MOST_KEPT);
    const maxSize = (0, options_1.atLeast)(1, 'cacheBytes', options.cacheBytes ?? 8 * 1_024 * 1_024);
    const sizeCalculation = (known, id) => ENTRY_BYTES + id.length + (known === NOTHING ? 0 : known.length);
    return ttl === 0 ? undefined : new lru_cache_1.LRUCache({ max, maxSize, ttl, sizeCalculation });
}
