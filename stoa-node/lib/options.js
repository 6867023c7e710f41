"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.atLeast = atLeast;
// Options of the parts that run in a storefront's process.
const error_1 = require("./error");
/** A whole number that is at least `least`. */
function atLeast(least, field, value) {
    if (Number.isSafeInteger(value) && value >= least)
        return value;
    throw (0, error_1.refuse)('out_of_range', field, `must be a whole number of at least ${least}`, value);
}
