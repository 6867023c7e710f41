import type { Attributes } from '../document.js';
/** Values by name, as JSON has them. */
export type Fields = Readonly<Record<string, unknown>>;
/** One visitor; undefined stands for input that cannot be read. */
export interface Visitor {
    readonly attributes: Fields;
    /** Segment → hash of the rule that judged the visitor a member, after `!` when it judged they are not. */
    readonly segments: Fields;
}
/**
 * Reads a visitor as the native engine does; undefined when that is not possible. Of an object only the attributes of
 * these names are looked at, unless one is such that only JSON tells what it is.
 */
export declare function readVisitor(given: Attributes, names: readonly string[]): Visitor | undefined;
/** A value under its name, unless it is inherited. */
export declare function field(fields: Fields, name: string): unknown;
/** Lone surrogates become U+FFFD, as UTF-8 encoders have it. */
export declare function wellFormed(text: string): string;
