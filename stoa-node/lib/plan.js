"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.power = power;
exports.smallestEffect = smallestEffect;
exports.duration = duration;
exports.srm = srm;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
/**
 * Visitors per arm that a relative effect needs to be seen; `metric` is a metric of the catalog or a family.
 *
 * @throws {@link StoaError} `out_of_range`, `not_finite`, or `unknown_name` for a family without a formula.
 * @example
 * ```ts
 * import { power } from 'stoa-node'
 * power('conversion_rate', 0.03, 0.1).n_per_arm // 41914
 * ```
 */
function power(metric, baseline, minimumEffect, options = {}) {
    return ask((base, rest) => addon_1.native.power(metric, base, minimumEffect, rest), baseline, options);
}
/**
 * The smallest relative rise that so many visitors per arm can show; null when no possible rise is large enough.
 *
 * @example
 * ```ts
 * import { smallestEffect } from 'stoa-node'
 * smallestEffect('conversion_rate', 0.03, 41_914)?.toFixed(3) // '0.100'
 * ```
 */
function smallestEffect(metric, baseline, nPerArm, options = {}) {
    const text = baselineText(baseline);
    const rest = (0, document_1.documentText)('options', options, '');
    return (0, error_1.call)(() => addon_1.native.smallestEffect(metric, text, nPerArm, rest));
}
/**
 * Days and whole weeks that traffic needs to fill every arm.
 *
 * @example
 * ```ts
 * import { duration } from 'stoa-node'
 * duration({ n_per_arm: 41_914, visitors_per_day: 4_000 }).horizon_days // 21
 * ```
 */
function duration(traffic) {
    const text = (0, document_1.documentText)('traffic', traffic, '');
    return frozen((0, error_1.call)(() => addon_1.native.duration(text)));
}
/**
 * Whether the arms' counts are a plausible draw from the promised shares; weights need not sum to 1.
 *
 * @example
 * ```ts
 * import { srm } from 'stoa-node'
 * srm([44_700, 45_489], [1, 1]).p_value.toFixed(4) // '0.0086'
 * ```
 */
function srm(observed, expected) {
    const counts = (0, document_1.documentText)('observed', observed);
    const shares = (0, document_1.documentText)('expected', expected);
    return frozen((0, error_1.call)(() => addon_1.native.srm(counts, shares)));
}
function ask(run, baseline, options) {
    const text = baselineText(baseline);
    const rest = (0, document_1.documentText)('options', options, '');
    return frozen((0, error_1.call)(() => run(text, rest)));
}
function baselineText(baseline) {
    // A bare rate is wrapped so that NaN is named here too.
    return (0, document_1.documentText)('baseline', typeof baseline === 'number' ? { rate: baseline } : baseline, '');
}
function frozen(json) {
    return Object.freeze(JSON.parse(json));
}
