/** The longest id that the engine decides for, in bytes of UTF-8; who has a longer one is shown no experiment. */
export declare const MAX_ID_BYTES = 1024;
/** A whole number that is at least `least`. */
export declare function atLeast(least: number, field: string, value: number): number;
/** Calls a hook, whose own errors are nobody's business in a request. */
export declare function tell(hook: ((error: unknown) => void) | undefined, error: unknown): void;
