import { type Attributes } from './document';
import type { DecideOptions } from './decision';
/** A function of the addon: `(…lead, unit, …attributes, now?, memory?)`. */
export type Native = (...given: unknown[]) => number;
/** What deciding depends on. */
export interface Reads {
    /** Names of the attributes. */
    readonly attributes: readonly string[];
    /** Whether the time matters. */
    readonly needs_now: boolean;
}
/** The two native functions that ask the same question: attributes as one document, or one argument each. */
export declare class Asker {
    #private;
    constructor(document: Native, placed: Native, reads: Reads, ...lead: readonly unknown[]);
    /** The answer about one visitor. Of an object, only the attributes that matter are looked at. */
    ask(visitorId: unknown, attributes: Attributes, options: DecideOptions | undefined): number;
}
