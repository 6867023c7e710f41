declare const AS_BYTES: {
    36: BufferConstructor;
};
/** What is asked of a client, pool or cluster of the `redis` package (5 or 6). */
export interface RedisClient {
    /** Whether it is connected; where it says no, nothing is asked of it. */
    readonly isReady?: boolean;
    withTypeMapping(mapping: typeof AS_BYTES): {
        get(key: string): Promise<unknown>;
        mGet(keys: string[]): Promise<unknown>;
    };
    on(event: 'error' | 'ready', listener: (error: Error) => void): unknown;
    off(event: 'error' | 'ready', listener: (error: Error) => void): unknown;
}
/** A connection, its values as bytes. */
export declare class Connection {
    #private;
    constructor(url: string | undefined, client: RedisClient | undefined, onError: (error: unknown) => void);
    /** Values of keys, in one question; what is no value, or of another type, is no Buffer. */
    values(keys: string[]): Promise<unknown[]>;
    /** Told that an answer is late: our own connection is made anew when it has been silent for long. */
    late(): void;
    /** Whether it is connected, now or within so many milliseconds. */
    ready(timeoutMs: number): Promise<boolean>;
    /** Ends our own client; the app's stays as it is. */
    close(): void;
}
export {};
