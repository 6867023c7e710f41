/** A document as its author has it: JSON or YAML text, the same as UTF-8 bytes, or an object. */
export type Document = string | Uint8Array | object;
/** An instant: a `Date`, or RFC 3339 text such as `2026-01-31T00:00:00Z`. */
export type Instant = Date | string;
/** A visitor's attributes: an object, its JSON as text or as bytes straight from a cache (any view of them), or nothing. */
export type Attributes = object | string | Uint8Array | null | undefined;
/**
 * Text of a document; `field` names it in errors. JSON has no NaN, which would cross as null and be refused under another
 * name: it is refused here, with `prefix` before its path.
 */
export declare function documentText(field: string, document: Document, prefix?: string): string;
/** Text of a document whose readers know NaN by its spelling, and list it among its problems. */
export declare function contractText(field: string, document: Document): string;
/** Runs `write` unless there is no document. */
export declare function optional(write: typeof documentText, field: string, document: Document | undefined): string | undefined;
/** JSON of a visitor; what cannot be written as JSON becomes empty text, which no reader takes for attributes. */
export declare function attributesText(attributes: Attributes): string | Uint8Array | undefined;
/** JSON of a visitor, refused where it cannot be written. */
export declare function knownAttributes(attributes: Attributes): string | Uint8Array | undefined;
/** Text given as `field`; anything else is refused under that name. */
export declare function text(field: string, given: string): string;
/** An instant as the engine takes it: milliseconds or text. */
export declare function instant(now: Instant | null | undefined): number | string | undefined;
