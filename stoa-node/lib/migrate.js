"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.fromGrowthbook = fromGrowthbook;
exports.fromEppo = fromEppo;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
/**
 * The running tests of a GrowthBook SDK payload, each with the seed and buckets it has there.
 *
 * @throws {@link StoaError} for what is wrong with the payload as a whole, surface, metrics or store.
 * @example
 * ```ts
 * import { Engine, fromGrowthbook } from 'stoa-node'
 * const rule = { key: 'free-shipping', hashVersion: 2, coverage: 0.4, variations: ['none', 'from 50'] }
 * const metrics = { revenue: { metric: 'revenue_per_visitor' }, satisfaction: { metric: 'csat' } }
 * const payload = { features: { shipping: { defaultValue: 'none', rules: [rule] } } }
 * const { experiments, store } = fromGrowthbook(payload, { surface: 'shipping_offer', metrics })
 * Engine.fromDocuments({ experiments, store }).decide('free-shipping', 'visitor-2').payload // 'from 50'
 * ```
 */
function fromGrowthbook(payload, options) {
    const [metrics, store, schema] = texts(options);
    const text = (0, document_1.documentText)('payload', payload);
    return read(() => addon_1.native.fromGrowthbook(text, options.surface, metrics, store, schema));
}
/**
 * The running tests of Eppo's flag configuration, each with the salts and shards it has there; `now` is the instant of
 * the move, where an allocation starts or ends at one.
 *
 * @throws {@link StoaError} for what is wrong with the configuration as a whole, surface, metrics or store.
 * @example
 * ```ts
 * import { fromEppo } from 'stoa-node'
 * const metrics = { revenue: { metric: 'revenue_per_visitor' }, satisfaction: { metric: 'csat' } }
 * const flag = { key: 'banner', enabled: false, variations: {}, allocations: [], totalShards: 10000 }
 * fromEppo({ flags: { banner: flag } }, { surface: 'promo_banner', metrics }).notes[0].message // 'is not enabled, and not carried'
 * ```
 */
function fromEppo(config, options) {
    const [metrics, store, schema] = texts(options);
    const text = (0, document_1.documentText)('config', config);
    const now = (0, document_1.instant)(options.now);
    return read(() => addon_1.native.fromEppo(text, options.surface, metrics, store, schema, now));
}
function texts({ metrics, store, schema }) {
    return [
        (0, document_1.documentText)('metrics', metrics),
        (0, document_1.optional)(document_1.contractText, 'store', store),
        (0, document_1.optional)(document_1.documentText, 'schema', schema),
    ];
}
function read(migrate) {
    return (0, experiment_1.deepFreeze)(JSON.parse((0, error_1.call)(migrate)));
}
