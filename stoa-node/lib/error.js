"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.StoaError = void 0;
exports.refuse = refuse;
exports.call = call;
exports.callAsync = callAsync;
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
class StoaError extends Error {
    name = 'StoaError';
    /** Stable name of the kind of refusal, the same in Rust and Python. */
    code;
    /** JSON path, option or column. */
    field;
    /** The rule it broke. */
    rule;
    /** The value found, shortened. */
    value;
    /** A near miss that may have been meant. */
    hint;
    /** All problems of the document, in document order; never empty. */
    problems;
    /** @internal */
    constructor(message, problems) {
        super(message);
        const [first] = problems;
        this.code = first.code;
        this.field = first.field;
        this.rule = first.rule;
        this.value = first.value;
        this.hint = first.hint;
        this.problems = Object.freeze(problems.map((problem) => Object.freeze(problem)));
    }
}
exports.StoaError = StoaError;
/** A refusal made in this layer, where an argument cannot even be handed to the engine. */
function refuse(code, field, rule, value) {
    const shown = shorten(value);
    const message = `${field} ${rule}, got ${shown}`;
    return new StoaError(message, [{ code, field, rule, value: shown, message }]);
}
/** Runs a native call and turns its error into a {@link StoaError}. */
function call(run) {
    try {
        return run();
    }
    catch (error) {
        throw translate(error);
    }
}
/** Awaits a native call and turns its error into a {@link StoaError}. */
async function callAsync(run) {
    try {
        return await run();
    }
    catch (error) {
        throw translate(error);
    }
}
// The addon writes the refusal as JSON into the message. N-API itself refuses arguments of another type than declared.
function translate(error) {
    if (!(error instanceof Error))
        return error;
    const { message } = error;
    if (message.startsWith('{"')) {
        const refusal = JSON.parse(message);
        return new StoaError(refusal.message, refusal.problems);
    }
    if (!String(error.code).endsWith('Expected'))
        return error;
    const problem = { code: 'wrong_type', field: 'argument', rule: 'must be of its declared type', value: message, message };
    return new StoaError(message, [problem]);
}
function shorten(value) {
    const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
    return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
