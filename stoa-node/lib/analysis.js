"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.analyze = analyze;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
const posterior_1 = require("./posterior");
/**
 * The whole readout of an experiment from its sums: sample ratio first, every metric, a verdict with its reasons.
 *
 * Runs off the main thread. While an experiment with a horizon runs, the verdict needs the `day` of the statistics: it takes the
 * planned looks before that day as having been. A history of looks is for {@link monitor}.
 *
 * @throws {@link StoaError} with all problems of the statistics or the experiment.
 * @example
 * ```ts
 * import { analyze } from 'stoa-node'
 * const arm = (key: string, orders: number) => ({
 *   key,
 *   n: 1000,
 *   metrics: {
 *     revenue_per_visitor: { visitors: 1000, orders, mean_log: 4, var_log: 0.5 },
 *     return_visit_rate: { n: 1000, successes: 300 },
 *   },
 * })
 * const satisfaction = { metric: 'return_visit_rate', proxy_reason: 'no survey runs yet' }
 * const experiment = { ...bundle.experiments[0], metrics: { revenue: { metric: 'revenue_per_visitor' }, satisfaction } }
 * const stats = { experiment: 'free_shipping', day: 14, variants: [arm('A', 50), arm('B', 60)] }
 * const analysis = await analyze(stats, experiment)
 * analysis.srm.passed // true
 * analysis.metrics.revenue_per_visitor?.B?.prob_positive?.toFixed(2) // '0.77'
 * analysis.verdict.action // 'continue'
 * ```
 */
async function analyze(stats, experiment, options = {}) {
    const sums = (0, document_1.documentText)('stats', stats, '');
    const contract = (0, document_1.contractText)('experiment', experiment);
    const store = (0, document_1.optional)(document_1.contractText, 'store', options.store);
    const readout = await (0, error_1.callAsync)(() => addon_1.native.analyze(sums, contract, store));
    const data = (0, experiment_1.deepFreeze)(JSON.parse(readout.toJSON()));
    const metrics = mapValues(data.metrics, (treatments, metric) => mapValues(treatments, (one, treatment) => new posterior_1.Comparison(known(readout.comparison(metric, treatment)), one)));
    const pairs = data.pairs.map((pair, i) => Object.freeze({ ...pair, comparison: new posterior_1.Comparison(known(readout.pair(i)), pair.comparison) }));
    const analysis = { ...data, metrics, pairs: Object.freeze(pairs), toJSON: () => data };
    return Object.freeze(Object.defineProperty(analysis, 'toJSON', { enumerable: false }));
}
function mapValues(of, change) {
    return Object.freeze(Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value, key)])));
}
function known(handle) {
    if (handle === null)
        throw new TypeError('the readout lost one of its comparisons');
    return handle;
}
