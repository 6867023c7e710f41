import { RESP_TYPES } from 'redis';
/** What a visitor's attributes are, and where they were found. */
export interface Found {
    /** The visitor's document as it is stored, for {@link Engine.decide}; nothing when none was found in time. */
    readonly attributes: Buffer | undefined;
    /** `cache`: this process's memory; `redis`; `default`: nothing is known, or Redis did not say in time. */
    readonly source: 'cache' | 'redis' | 'default';
}
/** What an {@link AttributeStore} asks of a client or a cluster of the `redis` package. */
export interface RedisReader {
    withTypeMapping(mapping: {
        [RESP_TYPES.BLOB_STRING]: BufferConstructor;
    }): {
        get(key: string): Promise<Buffer | null>;
        mGet(keys: string[]): Promise<(Buffer | null)[]>;
    };
}
/** Options of an {@link AttributeStore}; one of `url` and `client` is needed. */
export interface AttributeStoreOptions {
    /** Where Redis is, `redis://host:6379`: the store makes a client of its own, and {@link AttributeStore.close} ends it. */
    readonly url?: string;
    /** A client, pool or cluster of the app's; it stays the app's, with its errors and its end. */
    readonly client?: RedisReader;
    /** The shop's part of every key: letters, digits, `_`, `-` and `.`, at most 64. */
    readonly namespace: string;
    /** Milliseconds that one {@link AttributeStore.get} may take; 15. */
    readonly timeoutMs?: number;
    /** Failures in a row after which Redis is left alone; 5. */
    readonly failures?: number;
    /** Milliseconds until it is tried again, by one request; 1,000. */
    readonly retryMs?: number;
    /** Milliseconds that a visitor's attributes are kept in this process; 5,000, 0 for not at all. */
    readonly cacheMs?: number;
    /** Visitors kept, at most; 5,000. */
    readonly cacheSize?: number;
    /** Bytes of a visitor's document, at most: a larger one is left where it is; 65,536. */
    readonly maxBytes?: number;
    /** Told of every failure. */
    readonly onError?: (error: unknown) => void;
}
/** What a store has seen so far. */
export interface AttributeStoreStats {
    /** Answers, by where they came from. */
    readonly cache: number;
    readonly redis: number;
    readonly default: number;
    /** Visitors of whom Redis knows nothing. */
    readonly unknown: number;
    /** Documents larger than allowed, and pointers that are none. */
    readonly unusable: number;
    /** Requests that Redis did not answer in time. */
    readonly timeouts: number;
    /** Requests that failed otherwise. */
    readonly errors: number;
    /** Requests that did not ask, because Redis had failed just before. */
    readonly skipped: number;
    /** Whether Redis is being left alone now. */
    readonly open: boolean;
}
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
export declare class AttributeStore {
    #private;
    /** @throws {@link StoaError} `out_of_range` for an option that cannot be, `missing_field` without a Redis. */
    constructor(options: AttributeStoreOptions);
    /** The attributes of a visitor. Never rejects, whatever the id, and never takes longer than the budget. */
    get(visitorId: unknown): Promise<Found>;
    /** What the store has seen so far. */
    stats(): AttributeStoreStats;
    /** Forgets what it keeps of visitors, and ends the connection if it is the store's own. Never rejects. */
    close(): Promise<void>;
}
