"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.monitor = monitor;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
/**
 * What to do at every look of an experiment, when it is expected to be decided, and what would change the verdict.
 *
 * `history` holds the counts so far at each look, in order of their days: a list, or `{ looks }` of one. With a horizon, those looks
 * share the plan's alpha. Of a stopped experiment the last entry is the last look. {@link analyze} reads one day and takes the looks
 * before it as planned. Runs off the main thread, milliseconds a look.
 *
 * @throws {@link StoaError} `out_of_range` for no history or days that do not rise; what the statistics' checks refuse, by
 * `history[k]`.
 * @example
 * ```ts
 * import { monitor } from 'stoa-node'
 * const arm = (key: string, day: number, orders: number) => {
 *   const rate = (each: number) => ({ n: 900 * day, successes: each * day })
 *   return { key, n: 900 * day, metrics: { conversion_rate: rate(orders), return_visit_rate: rate(270) } }
 * }
 * const satisfaction = { metric: 'return_visit_rate', proxy_reason: 'no survey runs yet' }
 * const experiment = { ...bundle.experiments[0], metrics: { revenue: { metric: 'conversion_rate' }, satisfaction } }
 * const look = (day: number) => ({ experiment: 'free_shipping', day, variants: [arm('A', day, 27), arm('B', day, 31)] })
 * const seen = await monitor([7, 8, 9].map(look), experiment)
 * seen.looks.map((one) => one.treatments[0]?.boundary?.toFixed(1)) // ['3.7', '3.5', '3.3']
 * seen.verdict.action // 'continue'
 * seen.finish.day !== null && seen.finish.day < 28 // true
 * ```
 */
async function monitor(history, experiment, options = {}) {
    const looks = (0, document_1.documentText)('history', history);
    const contract = (0, document_1.contractText)('experiment', experiment);
    const store = (0, document_1.optional)(document_1.contractText, 'store', options.store);
    const seen = await (0, error_1.callAsync)(() => addon_1.native.monitor(looks, contract, store));
    return (0, experiment_1.deepFreeze)(JSON.parse(seen));
}
