"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.experimentJsonSchema = exports.catalog = void 0;
exports.experimentProblems = experimentProblems;
exports.readDocument = readDocument;
exports.once = once;
exports.deepFreeze = deepFreeze;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
/**
 * What a store has to experiment on and to measure: 18 surfaces, 11 metrics.
 *
 * @example
 * ```ts
 * import { catalog } from 'stoa-node'
 * catalog.surfaces().filter((surface) => surface.stage === 'cart').map((s) => s.key) // ['cart_page', 'shipping_offer', 'cross_sell']
 * catalog.metrics().length // 11
 * ```
 */
exports.catalog = Object.freeze({
    /** The surfaces, in the order a visitor meets them. */
    surfaces: once(() => JSON.parse(addon_1.native.surfaces())),
    /** The metrics, revenue first. */
    metrics: once(() => JSON.parse(addon_1.native.metrics())),
});
/**
 * The JSON Schema of the experiment contract, for editors and forms.
 *
 * @example
 * ```ts
 * import { experimentJsonSchema } from 'stoa-node'
 * experimentJsonSchema().title // 'Experiment'
 * ```
 */
exports.experimentJsonSchema = once(() => JSON.parse(addon_1.native.experimentJsonSchema()));
/**
 * Everything that is wrong with an experiment written as an object, JSON or YAML 1.2; empty when nothing is.
 *
 * @example
 * ```ts
 * import { experimentProblems } from 'stoa-node'
 * experimentProblems('key: free_shipping')[0].message // 'surface is required, got nothing'
 * ```
 */
function experimentProblems(document, store) {
    const text = (0, document_1.contractText)('experiment', document);
    const shared = (0, document_1.optional)(document_1.contractText, 'store', store);
    return deepFreeze(JSON.parse((0, error_1.call)(() => addon_1.native.experimentProblems(text, shared))));
}
/**
 * Reads a document written as JSON or YAML 1.2: `NO` stays text, and a field written twice is refused.
 *
 * @throws {@link StoaError} `invalid_document` with line and column, `duplicate`, `too_large`.
 * @example
 * ```ts
 * import { readDocument } from 'stoa-node'
 * readDocument('country: NO') // { country: 'NO' }
 * ```
 */
function readDocument(text) {
    const document = (0, document_1.documentText)('document', text);
    return JSON.parse((0, error_1.call)(() => addon_1.native.readDocument(document)));
}
/** Makes plain data at the first call, frozen. */
function once(make) {
    let made;
    return () => (made ??= deepFreeze(make()));
}
/** Freezes plain data all the way down. */
function deepFreeze(value) {
    if (typeof value !== 'object' || value === null)
        return value;
    for (const item of Object.values(value))
        deepFreeze(item);
    return Object.freeze(value);
}
