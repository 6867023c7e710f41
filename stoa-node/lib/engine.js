"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Experiment = exports.Engine = void 0;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
const explain_1 = require("./explain");
/** Variants per reason in a code of the addon. */
const VARIANTS = 256;
/** Index of an experiment that the bundle does not have. */
const UNKNOWN = 0xffff_ffff;
const REASONS = JSON.parse(addon_1.native.reasons());
/**
 * Decides for one bundle inside a request. Immutable: a new config is a new engine, swapped whole. It never throws for a
 * visitor's data; what is wrong gives the control and a reason.
 *
 * @example
 * ```ts
 * import { Engine } from 'stoa-node'
 * const engine = Engine.fromJSON(bundle)
 * const decision = engine.decide('free_shipping', 'visitor-1', { orders_count: 3, country: 'CA' })
 * decision.reason // 'assigned'
 * engine.decide('free_shipping', 'visitor-1', { orders_count: 0, country: 'CA' }).reason // 'not_targeted'
 * ```
 */
class Engine {
    /** The bundle's content hash, which every decision carries. */
    version;
    /** What could not be loaded, each with its path in the bundle; empty when everything serves. */
    problems;
    /** Segment key → hash of its rule: what a cache stores beside a membership. */
    segmentHashes;
    #handle;
    #experiments;
    #index;
    constructor(handle) {
        const summary = (0, experiment_1.deepFreeze)(JSON.parse((0, error_1.call)(() => handle.summary())));
        this.version = summary.version;
        this.problems = summary.problems;
        this.segmentHashes = summary.segment_hashes;
        this.#handle = handle;
        this.#experiments = summary.experiments.map(({ key, variants }, index) => new Experiment(handle, key, index, variants, summary.version));
        this.#index = new Map(this.#experiments.map((experiment) => [experiment.key, experiment]));
        Object.freeze(this);
    }
    /**
     * Reads a served bundle: JSON as text or bytes, or an object. An experiment that cannot be loaded answers `load_error`
     * and is named in `problems`; the others serve.
     *
     * @throws {@link StoaError} when the bundle as a whole cannot be read.
     * @example
     * ```ts
     * Engine.fromJSON(JSON.stringify(bundle)).problems // []
     * ```
     */
    static fromJSON(bundle) {
        const text = (0, document_1.contractText)('bundle', bundle);
        return new Engine((0, error_1.call)(() => addon_1.native.Engine.fromJSON(text)));
    }
    /**
     * Checks documents strictly and makes an engine of them; `JSON.stringify(engine)` is then the bundle to serve.
     *
     * @throws {@link StoaError} with all problems of all documents.
     * @example
     * ```ts
     * const { experiments, segments } = bundle
     * Engine.fromDocuments({ experiments, segments }).toJSON().schema_version // 1
     * ```
     */
    static fromDocuments(documents) {
        const text = (0, document_1.contractText)('documents', {
            ...documents,
            experiments: documents.experiments.map(plain),
            segments: documents.segments?.map(plain),
            store: plain(documents.store),
        });
        return new Engine((0, error_1.call)(() => addon_1.native.Engine.fromDocuments(text)));
    }
    /**
     * Decides one experiment.
     *
     * `attributes` are an object, its JSON as text or as bytes straight from a cache (also the cache's document
     * `{"v": 1, "a": {…}, "s": {…}}`), or nothing. Never throws for them, nor for the id.
     *
     * @example
     * ```ts
     * engine.decide('free_shipping', 'visitor-1', Buffer.from('{"orders_count": ')).reason // 'bad_attributes'
     * engine.decide('free_shipping', undefined).reason // 'invalid_unit'
     * ```
     */
    decide(experiment, visitorId, attributes, options) {
        return this.experiment(experiment).decide(visitorId, attributes, options);
    }
    /**
     * Decides every experiment, in the bundle's order, and leaves out those that are not running for this visitor.
     *
     * @example
     * ```ts
     * engine.assign('visitor-1', { orders_count: 3, country: 'US' }).map((d) => d.experiment) // ['free_shipping']
     * ```
     */
    assign(visitorId, attributes, options) {
        const found = (0, error_1.call)(() => this.#handle.assign(unit(visitorId), (0, document_1.attributesText)(attributes), clock(options)));
        const decisions = [];
        for (let i = 0; i < found.length; i += 2) {
            const experiment = this.#experiments[found[i]];
            if (experiment)
                decisions.push(experiment.decision(found[i + 1]));
        }
        return Object.freeze(decisions);
    }
    /**
     * Explains one decision: every check with its values, and which of them decided. Never throws for a visitor's data.
     *
     * @example
     * ```ts
     * const why = engine.explain('free_shipping', 'visitor-1', { orders_count: 0, country: 'CA' })
     * why.checks.find((check) => check.spoke)?.check // 'targeting'
     * ```
     */
    explain(experiment, visitorId, attributes, options) {
        const [text, now] = [(0, document_1.attributesText)(attributes), clock(options)];
        return (0, explain_1.readExplanation)((0, error_1.call)(() => this.#handle.explain(experiment, unit(visitorId), text, now, options?.memory)));
    }
    /**
     * One experiment, bound to this engine: safe to keep while engines are swapped. An unknown key answers
     * `unknown_experiment`.
     *
     * @example
     * ```ts
     * const x = engine.experiment('free_shipping')
     * x.variants[x.variantIndex('visitor-1', { orders_count: 3, country: 'CA' })]?.key === decision.variant // true
     * x.variantIndex('visitor-1', {}) // -1
     * ```
     */
    experiment(key) {
        return this.#index.get(key) ?? new Experiment(this.#handle, key, UNKNOWN, [], this.version);
    }
    /**
     * Index of each visitor's variant in one experiment, −1 for those that take no part. Attributes are one item an id:
     * an array of objects, or a JSON array as text or bytes.
     *
     * @throws {@link StoaError} when the attributes are no array with one item an id.
     * @example
     * ```ts
     * const attributes = [{ orders_count: 3, country: 'CA' }, { orders_count: 1 }]
     * engine.assignBatch('free_shipping', ['visitor-1', 'visitor-2'], attributes)[1] // -1
     * ```
     */
    assignBatch(experiment, visitorIds, attributes, options) {
        if (!Array.isArray(visitorIds))
            throw (0, error_1.refuse)('wrong_type', 'visitorIds', 'must be an array', visitorIds);
        const text = attributes === undefined ? undefined : batchText(attributes);
        const { index } = this.experiment(experiment);
        return (0, error_1.call)(() => this.#handle.assignBatch(index, visitorIds.map(unit), text, clock(options)));
    }
    /**
     * An SQL expression that gives the key of the variant, for any table with the ids and the attributes.
     *
     * @throws {@link StoaError} `unknown_name` for an experiment or dialect that is not known.
     * @example
     * ```ts
     * engine.assignmentSql('free_shipping', 'duckdb', { unit: 'user' }).includes('sha256') // true
     * ```
     */
    assignmentSql(experiment, dialect, options = {}) {
        return this.#sql(experiment, dialect, options)[0];
    }
    /**
     * An SQL expression that gives the reason, beside {@link Engine.assignmentSql}.
     *
     * @example
     * ```ts
     * engine.reasonSql('free_shipping', 'duckdb').includes('not_targeted') // true
     * ```
     */
    reasonSql(experiment, dialect, options = {}) {
        return this.#sql(experiment, dialect, options)[1];
    }
    /**
     * The bundle: what could be read of it, sealed with its content hash.
     *
     * @example
     * ```ts
     * Engine.fromJSON(JSON.stringify(engine)).version === engine.version // true
     * ```
     */
    toJSON() {
        return JSON.parse(this.#handle.bundle());
    }
    #sql(experiment, dialect, options) {
        const now = (0, document_1.instant)(options.now);
        const column = options.unit ?? 'visitor_id';
        return (0, error_1.call)(() => this.#handle.assignmentSql(experiment, dialect, column, options.alias, now));
    }
}
exports.Engine = Engine;
/**
 * One experiment of an engine, for the path that must be fast: variants are frozen once, a decision is an index.
 *
 * @example
 * ```ts
 * const { variants } = engine.experiment('free_shipping')
 * variants.map((variant) => variant.key) // ['A', 'B']
 * ```
 */
class Experiment {
    /** Its key. */
    key;
    /** Its variants, control first; frozen. */
    variants;
    /** @internal */
    index;
    #handle;
    #version;
    /** Decisions by code, each made and frozen when first needed. */
    #decisions = [];
    /** @internal */
    constructor(handle, key, index, variants, version) {
        this.#handle = handle;
        this.key = key;
        this.index = index;
        this.variants = variants;
        this.#version = version;
        Object.freeze(this);
    }
    /**
     * Decides for one visitor, as {@link Engine.decide}.
     *
     * @example
     * ```ts
     * engine.experiment('free_shipping').decide('visitor-1', {}).variant // 'A'
     * ```
     */
    decide(visitorId, attributes, options) {
        return this.decision(this.#code(visitorId, attributes, options));
    }
    /**
     * Index in `variants` of the variant a visitor takes part with (assigned, forced or shipped), −1 when in none.
     *
     * @example
     * ```ts
     * engine.experiment('free_shipping').variantIndex('visitor-1', { orders_count: 1, country: 'CA' }) // -1
     * ```
     */
    variantIndex(visitorId, attributes, options) {
        const code = this.#code(visitorId, attributes, options);
        return REASONS[Math.floor(code / VARIANTS)]?.chosen ? (code % VARIANTS) - 1 : -1;
    }
    /** @internal The frozen decision of a code of the addon. */
    decision(code) {
        return (this.#decisions[code] ??= this.#describe(code));
    }
    #code(visitorId, attributes, options) {
        return (0, error_1.call)(() => this.#handle.decide(this.index, unit(visitorId), (0, document_1.attributesText)(attributes), clock(options)));
    }
    #describe(code) {
        const variant = this.variants[(code % VARIANTS) - 1];
        const reason = REASONS[Math.floor(code / VARIANTS)];
        return Object.freeze({
            experiment: this.key,
            variant: variant?.key ?? null,
            payload: variant?.payload ?? null,
            reason: reason?.key ?? 'load_error',
            exposes: reason?.exposes ?? 'none',
            version: this.#version,
        });
    }
}
exports.Experiment = Experiment;
/** An id as the engine takes it; what is no string is no id, and becomes the empty one. */
function unit(visitorId) {
    return typeof visitorId === 'string' ? visitorId : '';
}
function clock(options) {
    return (0, document_1.instant)(options?.now) ?? Date.now();
}
function plain(document) {
    return typeof document === 'string' || document instanceof Uint8Array ? (0, experiment_1.readDocument)(document) : document;
}
function batchText(attributes) {
    if (!Array.isArray(attributes))
        return (0, document_1.documentText)('attributes', attributes);
    const items = attributes.map((item) => (0, document_1.attributesText)(item) ?? 'null');
    return `[${items.map((item) => (item === '' ? 'false' : item)).join(',')}]`;
}
