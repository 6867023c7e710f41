"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.MAX_ID_BYTES = void 0;
exports.atLeast = atLeast;
exports.tell = tell;
// Options of the parts that run in a storefront's process, and what they share.
const error_1 = require("./error");
/** The longest id that the engine decides for, in bytes of UTF-8; who has a longer one is shown no experiment. */
exports.MAX_ID_BYTES = 1_024;
/** A whole number that is at least `least`. */
function atLeast(least, field, value) {
    if (Number.isSafeInteger(value) && value >= least)
        return value;
    throw (0, error_1.refuse)('out_of_range', field, `must be a whole number of at least ${least}`, value);
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
