"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.MOST_KEPT = exports.MAX_ID_BYTES = void 0;
exports.atLeast = atLeast;
exports.tell = tell;
// Options of the parts that run in a storefront's process, and what they share.
const error_1 = require("./error");
/** The longest id that the engine decides for, in bytes of UTF-8; who has a longer one is shown no experiment. */
exports.MAX_ID_BYTES = 1_024;
/** The longest span that timers keep, in milliseconds: 24 days. */
const LONGEST = 2 ** 31 - 1;
/** The most things that memory is set aside for before they come. */
exports.MOST_KEPT = 10_000_000;
/** A whole number from `least` to `most`. */
function atLeast(least, field, value, most = LONGEST) {
    if (Number.isSafeInteger(value) && value >= least && value <= most)
        return value;
    throw (0, error_1.refuse)('out_of_range', field, `must be a whole number from ${least} to ${most}`, value);
}
/** Calls a hook, whose own errors are nobody's business in a request. */
function tell(hook, error) {
    try {
        hook?.(error);
    }
    catch {
        // There is no one left to tell.
    }
}
