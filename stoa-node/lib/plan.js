"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.power = power;
exports.powerAsync = powerAsync;
exports.smallestEffect = smallestEffect;
exports.duration = duration;
exports.srm = srm;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
/**
 * Units per arm that a relative effect needs to be seen, and when it is over; `metric` is a metric of the catalog or a family.
 *
 * Answers at once, on the main thread: microseconds for one look, about ten milliseconds for each of many. {@link powerAsync} is
 * better where a request waits and the looks are daily.
 *
 * @throws {@link StoaError} `out_of_range`, `not_finite`, or `unknown_name` for a family that is none.
 * @example
 * ```ts
 * import { power } from 'stoa-node'
 * power('conversion_rate', 0.03, 0.1).n_per_arm // 41914
 * power('csat', { mean: 4.1, sd: 1.13 }, 0.05).n_per_arm // 376
 * const weekly = power('conversion_rate', 0.03, 0.1, { looks: 'weekly' })
 * weekly.stopping.looks.map((look) => look.day) // [7, 14, 21, 28]
 * weekly.stopping.expected_day.toFixed(0) // '22'
 * ```
 */
function power(metric, baseline, minimumEffect, options = {}) {
    const [base, rest] = question(baseline, options);
    return frozen((0, error_1.call)(() => addon_1.native.power(metric, base, minimumEffect, rest)));
}
/**
 * As {@link power}, off the main thread: the same answers, while requests go on being served.
 *
 * @throws {@link StoaError} as {@link power}, as a rejection.
 * @example
 * ```ts
 * import { powerAsync } from 'stoa-node'
 * const daily = await powerAsync('conversion_rate', 0.03, 0.1, { looks: 'daily' })
 * daily.n_per_arm < 45_000 // true
 * daily.stopping.expected_day < 20.5 // true
 * ```
 */
async function powerAsync(metric, baseline, minimumEffect, options = {}) {
    const [base, rest] = question(baseline, options);
    return frozen(await (0, error_1.callAsync)(() => addon_1.native.powerAsync(metric, base, minimumEffect, rest)));
}
/**
 * The smallest relative rise that so many units per arm can show; null when no possible rise is large enough.
 *
 * @example
 * ```ts
 * import { smallestEffect } from 'stoa-node'
 * smallestEffect('conversion_rate', 0.03, 41_914)?.toFixed(3) // '0.100'
 * ```
 */
function smallestEffect(metric, baseline, nPerArm, options = {}) {
    const [base, rest] = question(baseline, options);
    return (0, error_1.call)(() => addon_1.native.smallestEffect(metric, base, nPerArm, rest));
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
function question(baseline, options) {
    // A bare rate is wrapped so that NaN is named here too.
    const base = (0, document_1.documentText)('baseline', typeof baseline === 'number' ? { rate: baseline } : baseline, '');
    return [base, (0, document_1.documentText)('options', options, '')];
}
function frozen(json) {
    return (0, experiment_1.deepFreeze)(JSON.parse(json));
}
