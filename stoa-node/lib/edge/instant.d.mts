import type { Instant } from './plan.mjs';
/** An instant spelt in RFC 3339; undefined for other text. Digits finer than microseconds are cut off. */
export declare function parseInstant(text: string): Instant | undefined;
/** Whole milliseconds since 1970. */
export declare function instantOfMillis(millis: number): Instant;
/** Whether `a` is not after `b`. */
export declare function notAfter(a: Instant, b: Instant): boolean;
/** The instant a span before another. */
export declare function before(end: Instant, span: Instant): Instant;
