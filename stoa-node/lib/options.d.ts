/** The longest id that the engine decides for, in bytes of UTF-8; who has a longer one is shown no experiment. */
export declare const MAX_ID_BYTES = 1024;
/** The most things that memory is set aside for before they come. */
export declare const MOST_KEPT = 10000000;
/** A whole number from `least` to `most`. */
export declare function atLeast(least: number, field: string, value: number, most?: number): number;
/** Calls a hook, whose own errors are nobody's business in a request. */
export declare function tell(hook: ((error: unknown) => void) | undefined, error: unknown): void;
