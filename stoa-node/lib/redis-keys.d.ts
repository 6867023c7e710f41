/** The generations that hold visitors: the one that was pushed last, and the one before it. */
export interface Generations {
    readonly current: string;
    readonly previous: string | undefined;
}
/** The keys of one shop. */
export declare class Keys {
    #private;
    /** Key of the pointer to the generations. */
    readonly pointer: string;
    constructor(namespace: string);
    /** Keys of a visitor's documents, the current generation's first. The id stands last, as it is. */
    visitor(id: string, { current, previous }: Generations): string[];
}
/** Whether a key can be made of an id: text that UTF-8 can say, so that no two ids share a key, no longer than the engine takes. */
export declare function isId(id: unknown): id is string;
/** Reads the pointer, `{"current": "…", "previous": "…" or null}`; undefined when it is none. */
export declare function readPointer(text: Buffer): Generations | undefined;
/** The JSON object that bytes are; undefined when they are no UTF-8, no JSON or no object. */
export declare function jsonObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined;
