/** One refusal as data: the same keys in every language. */
export interface Problem {
    /** Stable name of the kind of refusal, such as `out_of_range`. */
    readonly code: string;
    /** JSON path, option or column: `prior.alpha`. */
    readonly field: string;
    /** The rule it broke, continuing the field: `must be > 0`. */
    readonly rule: string;
    /** The value found, shortened. */
    readonly value: string;
    /** A near miss that may have been meant. */
    readonly hint?: string;
    /** The sentence a person reads. */
    readonly message: string;
}
/**
 * Everything stoa refuses; `code`, `field`, `rule` and `value` are the first problem's, `problems` lists all.
 *
 * @example
 * ```ts
 * import { Rule, StoaError } from 'stoa-node'
 * try {
 *   Rule.fromJSON({ attr: 'country', op: 'equals', value: 'CA' })
 * } catch (error) {
 *   if (!(error instanceof StoaError)) throw error
 *   error.code // 'unknown_operator'
 *   error.hint // 'did you mean `eq`?'
 * }
 * ```
 */
export declare class StoaError extends Error {
    readonly name = "StoaError";
    /** Stable name of the kind of refusal, the same in Rust and Python. */
    readonly code: string;
    /** JSON path, option or column. */
    readonly field: string;
    /** The rule it broke. */
    readonly rule: string;
    /** The value found, shortened. */
    readonly value: string;
    /** A near miss that may have been meant. */
    readonly hint: string | undefined;
    /** All problems of the document, in document order; never empty. */
    readonly problems: readonly Problem[];
    /** @internal */
    constructor(message: string, problems: readonly [Problem, ...Problem[]]);
}
/** A refusal made in this layer, where an argument cannot even be handed to the engine. */
export declare function refuse(code: string, field: string, rule: string, value: unknown): StoaError;
/** Runs a native call and turns its error into a {@link StoaError}. */
export declare function call<T>(run: () => T): T;
/** Awaits a native call and turns its error into a {@link StoaError}. */
export declare function callAsync<T>(run: () => Promise<T>): Promise<T>;
