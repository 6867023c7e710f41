import { type RedisClient } from './redis-client';
export type { RedisClient } from './redis-client';
/** A visitor's attributes, and where they were found. */
export interface Found {
    /** The visitor's document as it lies in Redis, for `engine.decide`; undefined when there is none, or none in time. */
    readonly attributes: Buffer | undefined;
    /** `cache`: this process had it; `redis`; `default`: nothing is known of the visitor, or Redis did not say in time. */
    readonly source: 'cache' | 'redis' | 'default';
}
/** Options of {@link AttributeStore}: `namespace`, and either `url` or `client`. */
export interface AttributeStoreOptions {
    /** Where Redis is, `redis://…` or `rediss://…`: the store connects, and comes back, by itself. */
    readonly url?: string;
    /** A client, pool or cluster of the app's, of the `redis` package (5 or 6): the app connects and ends it. */
    readonly client?: RedisClient;
    /** The shop's part of every key: letters, digits, `_`, `-` and `.`, at most 64. */
    readonly namespace: string;
    /** Milliseconds that one {@link AttributeStore.get} may take in all; 15. */
    readonly timeoutMs?: number;
    /** Failures in a row after which Redis is left alone; 5. */
    readonly failures?: number;
    /** Milliseconds until it is tried again, by one request; 1,000. */
    readonly retryMs?: number;
    /** Milliseconds that this process keeps what it read of a visitor; 5,000, 0 for not at all. */
    readonly cacheMs?: number;
    /** Visitors kept, at most; 5,000. */
    readonly cacheSize?: number;
    /** Bytes kept, at most; 8 MiB. */
    readonly cacheBytes?: number;
    /** Bytes of a visitor's document, at most: a larger one is not taken; 65,536. */
    readonly maxBytes?: number;
    /** Told of every failure, and of what lies in Redis and cannot be read. */
    readonly onError?: (error: unknown) => void;
}
/** What a store has seen so far. */
export interface AttributeStoreStats {
    /** Answers, by where they came from. */
    readonly cache: number;
    readonly redis: number;
    readonly default: number;
    /** Visitors of whom Redis had nothing. */
    readonly unknown: number;
    /** Documents and pointers that were too large or no JSON object. */
    readonly unusable: number;
    /** Visitors of whom Redis did not say in time. */
    readonly timeouts: number;
    /** Visitors of whom asking failed otherwise. */
    readonly errors: number;
    /** Visitors of whom Redis was not asked, because it was left alone. */
    readonly skipped: number;
    /** Whether Redis is being left alone now. */
    readonly open: boolean;
}
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
export declare class AttributeStore {
    #private;
    constructor(options: AttributeStoreOptions);
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
    get(visitorId: unknown): Promise<Found>;
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
    ready(timeoutMs?: number): Promise<boolean>;
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
    stats(): AttributeStoreStats;
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
    close(): Promise<void>;
}
