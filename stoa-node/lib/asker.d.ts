import type { DecideOptions } from './decision';
import { type Attributes } from './document';
/** A function of the addon: `(…lead, unit, …attributes, now?, memory?)`. */
export type Native = (...given: unknown[]) => number;
/** What deciding depends on. */
export interface Reads {
    /** Names of the attributes. */
    readonly attributes: readonly string[];
    /** Whether the time matters. */
    readonly needs_now: boolean;
}
/**
 * Asks one question about one visitor after the other: by one native function when attributes are a document, by another
 * when each is an argument. Of an object, only the attributes that matter are looked at.
 */
export declare class Asker {
    #private;
    constructor(document: Native, placed: Native, reads: Reads, ...lead: readonly unknown[]);
    ask(visitorId: unknown, attributes: Attributes, options: DecideOptions | undefined): number;
    /** A document of what {@link Asker.ask} looks at. */
    document(attributes: Attributes): string | Uint8Array | undefined;
}
