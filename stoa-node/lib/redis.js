"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.AttributeStore = void 0;
/**
 * Attributes of visitors from Redis, inside a request: within a budget, and never in the way of the page.
 *
 * Keys are those of DESIGN §9: `stoa:NAMESPACE:current` holds `{"current": GENERATION, "previous": GENERATION}`, and
 * `stoa:NAMESPACE:attr:GENERATION:VISITOR` a visitor's document. A push writes a whole new generation, then flips the
 * pointer.
 *
 * @packageDocumentation
 */
const cockatiel_1 = require("cockatiel");
const redis_1 = require("redis");
const tiny_lru_1 = require("tiny-lru");
const error_1 = require("./error");
const exposure_1 = require("./exposure");
const options_1 = require("./options");
/** Milliseconds that the pointer to the current generation is trusted. */
const POINTER_MS = 5_000;
/** Milliseconds within which a visitor that is in no generation does not have the pointer read again. */
const POINTER_FRESH_MS = 250;
/** Bytes of an id that the engine takes. */
const MAX_ID_BYTES = 1_024;
/** Bytes of a document that is worth keeping: with `cacheSize` it bounds what the process holds. */
const CACHED_BYTES = 4_096;
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const NOTHING = Object.freeze({ attributes: undefined, source: 'default' });
/**
 * Reads visitors' attributes from Redis. It answers within its budget whatever Redis does, and never rejects: a visitor
 * of whom nothing is known gets the control experience. After some failures in a row Redis is left alone for a second.
 *
 * ```ts
 * // import { AttributeStore } from 'stoa-node/redis'
 * // const store = new AttributeStore({ url: 'redis://localhost:6379', namespace: 'shop' })
 * // const { attributes, source } = await store.get(visitorId)
 * // engine.decide('free_shipping', visitorId, attributes)
 * ```
 */
class AttributeStore {
    #prefix;
    #reader;
    /** The client that the store made. */
    #own;
    #policy;
    #breaker;
    #cache;
    #maxBytes;
    #onError;
    #counts = { cache: 0, redis: 0, default: 0, unknown: 0, unusable: 0, timeouts: 0, errors: 0, skipped: 0 };
    #pointer = { generations: [], readAt: -Infinity };
    #pointing;
    /** @throws {@link StoaError} `out_of_range` for an option that cannot be, `missing_field` without a Redis. */
    constructor(options) {
        const { namespace, url, client } = options;
        if (typeof namespace !== 'string' || !NAME.test(namespace)) {
            throw (0, error_1.refuse)('out_of_range', 'namespace', 'must be 1 to 64 letters, digits, _, - and .', namespace);
        }
        this.#prefix = `stoa:${namespace}:`;
        this.#onError = options.onError ?? (() => { });
        this.#maxBytes = (0, options_1.atLeast)(1, 'maxBytes', options.maxBytes ?? 65_536);
        const cacheMs = (0, options_1.atLeast)(0, 'cacheMs', options.cacheMs ?? 5_000);
        const cacheSize = (0, options_1.atLeast)(1, 'cacheSize', options.cacheSize ?? 5_000);
        this.#cache = cacheMs > 0 ? (0, tiny_lru_1.lru)(cacheSize, cacheMs) : undefined;
        this.#breaker = (0, cockatiel_1.circuitBreaker)((0, cockatiel_1.handleWhen)(isDown), {
            breaker: new cockatiel_1.ConsecutiveBreaker((0, options_1.atLeast)(1, 'failures', options.failures ?? 5)),
            halfOpenAfter: (0, options_1.atLeast)(1, 'retryMs', options.retryMs ?? 1_000),
        });
        const budget = (0, cockatiel_1.timeout)((0, options_1.atLeast)(1, 'timeoutMs', options.timeoutMs ?? 15), cockatiel_1.TimeoutStrategy.Aggressive);
        // Inside the breaker, which must see what takes too long; around it, for those that wait for the one that tries again.
        this.#policy = (0, cockatiel_1.wrap)(budget, this.#breaker, budget);
        const redis = client ?? (this.#own = connect(url, this.#onError));
        this.#reader = redis.withTypeMapping({ [redis_1.RESP_TYPES.BLOB_STRING]: Buffer });
    }
    /** The attributes of a visitor. Never rejects, whatever the id, and never takes longer than the budget. */
    async get(visitorId) {
        const found = await this.#find(visitorId);
        this.#counts[found.source] += 1;
        return found;
    }
    /** What the store has seen so far. */
    stats() {
        return { ...this.#counts, open: this.#breaker.state === cockatiel_1.CircuitState.Open };
    }
    /** Forgets what it keeps of visitors, and ends the connection if it is the store's own. Never rejects. */
    async close() {
        this.#cache?.clear();
        if (this.#own?.isOpen)
            this.#own.destroy();
    }
    async #find(id) {
        if (typeof id !== 'string' || id === '' || Buffer.byteLength(id) > MAX_ID_BYTES)
            return NOTHING;
        const kept = this.#cache?.get(id);
        if (kept !== undefined)
            return kept;
        try {
            const attributes = await this.#policy.execute(() => this.#read(id));
            return this.#keep(id, attributes);
        }
        catch (error) {
            this.#count(error);
            return NOTHING;
        }
    }
    /** What the next requests of this visitor are answered with; not knowing them is worth remembering too. */
    #keep(id, attributes) {
        if (attributes === undefined || attributes.length <= CACHED_BYTES) {
            this.#cache?.set(id, attributes === undefined ? NOTHING : Object.freeze({ attributes, source: 'cache' }));
        }
        return attributes === undefined ? NOTHING : { attributes, source: 'redis' };
    }
    /** The visitor's document in the current generation, or else in the one before; a new pointer is a new look. */
    async #read(id) {
        const pointer = await this.#current(POINTER_MS);
        const found = await this.#lookUp(pointer, id);
        if (found !== null)
            return this.#fitting(found);
        const flipped = await this.#current(POINTER_FRESH_MS);
        const later = flipped.generations.join() === pointer.generations.join() ? null : await this.#lookUp(flipped, id);
        if (later !== null)
            return this.#fitting(later);
        this.#counts.unknown += 1;
        return undefined;
    }
    async #lookUp({ generations }, id) {
        if (generations.length === 0)
            return null;
        const keys = generations.map((generation) => `${this.#prefix}attr:${generation}:${id}`);
        const [first, second] = await this.#values(keys);
        return first ?? second ?? null;
    }
    /** The values of keys: in a cluster they lie on several nodes, which one MGET cannot ask. */
    #values(keys) {
        if ('masters' in this.#reader)
            return Promise.all(keys.map((key) => this.#reader.get(key)));
        return this.#reader.mGet(keys);
    }
    #fitting(value) {
        if (value.length <= this.#maxBytes)
            return value;
        this.#counts.unusable += 1;
        return undefined;
    }
    /** The pointer, read again when it is older than `trusted` milliseconds; many requests wait for one reading. */
    #current(trusted) {
        if (performance.now() - this.#pointer.readAt <= trusted)
            return Promise.resolve(this.#pointer);
        this.#pointing ??= this.#point().finally(() => (this.#pointing = undefined));
        return this.#pointing;
    }
    async #point() {
        const text = await this.#reader.get(`${this.#prefix}current`);
        const generations = text === null ? [] : readPointer(text);
        if (generations === undefined)
            this.#counts.unusable += 1;
        this.#pointer = { generations: generations ?? [], readAt: performance.now() };
        return this.#pointer;
    }
    #count(error) {
        if ((0, cockatiel_1.isBrokenCircuitError)(error)) {
            this.#counts.skipped += 1;
            return;
        }
        this.#counts[(0, cockatiel_1.isTaskCancelledError)(error) ? 'timeouts' : 'errors'] += 1;
        (0, exposure_1.tell)(this.#onError, error);
    }
}
exports.AttributeStore = AttributeStore;
/** Redis answering with an error is not Redis being down. */
function isDown(error) {
    return !(error instanceof redis_1.ErrorReply);
}
/** Generations that a pointer names, the current first; nothing when it is no pointer. */
function readPointer(text) {
    try {
        const { current, previous } = JSON.parse(text.toString());
        const generations = [current, previous ?? undefined].filter((generation) => generation !== undefined);
        const named = generations.every((generation) => typeof generation === 'string' && NAME.test(generation));
        return named && typeof current === 'string' ? generations : undefined;
    }
    catch {
        return undefined;
    }
}
/** A client that never queues what it cannot send, and comes back within a second of Redis. */
function connect(url, onError) {
    if (url === undefined)
        throw (0, error_1.refuse)('missing_field', 'url', 'is required without a client', url);
    const client = (0, redis_1.createClient)({
        url,
        disableOfflineQueue: true,
        commandsQueueMaxLength: 1_000,
        socket: {
            connectTimeout: 1_000,
            keepAlive: true,
            reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 800) + Math.floor(Math.random() * 100),
        },
    });
    client.on('error', (error) => (0, exposure_1.tell)(onError, error));
    client.connect().catch(() => {
        // Told by the error event; the strategy above goes on trying.
    });
    return client;
}
