"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.reach = reach;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
/**
 * Whether a store's traffic can find what a contract wants to know, by the plan it registers; if not, what it can find.
 *
 * `expected` has what the store sees today by metric key; the contract needs `plan.visitors_per_day`. Runs off the main thread.
 *
 * @throws {@link StoaError} `missing_field` without visitors a day, `unknown_name` for a metric that the contract has not.
 * @example
 * ```ts
 * import { reach } from 'stoa-node'
 * const experiment = {
 *   ...bundle.experiments[0],
 *   metrics: { revenue: { metric: 'conversion_rate' }, satisfaction: { metric: 'nps' } },
 *   plan: { looks: 'weekly', visitors_per_day: 300 } as const,
 * }
 * const nps = { mean: 30, sd: 70, per_visitor: 0.01 }
 * const found = await reach(experiment, { conversion_rate: 0.03, nps })
 * found.can // false
 * found.metrics.map((metric) => metric.role) // ['revenue', 'satisfaction']
 * ```
 */
async function reach(experiment, expected, options = {}) {
    const contract = (0, document_1.contractText)('experiment', experiment);
    const today = (0, document_1.documentText)('expected', expected);
    const store = (0, document_1.optional)(document_1.contractText, 'store', options.store);
    const found = await (0, error_1.callAsync)(() => addon_1.native.reach(contract, today, store));
    return (0, experiment_1.deepFreeze)(JSON.parse(found));
}
