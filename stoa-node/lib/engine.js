"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Engine = void 0;
const addon_1 = require("./addon");
const asker_1 = require("./asker");
const bound_1 = require("./bound");
const document_1 = require("./document");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
const explain_1 = require("./explain");
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
    /** The attributes that targeting reads of a visitor, sorted: what a cache must hold. */
    attributes;
    #handle;
    #asker;
    /** What the addon answers `assign` with: index and code of each decision, one after the other. */
    #codes;
    #experiments;
    #index;
    #stranger;
    constructor(handle) {
        const summary = (0, experiment_1.deepFreeze)(JSON.parse((0, error_1.call)(() => handle.summary())));
        this.version = summary.version;
        this.problems = summary.problems;
        this.segmentHashes = summary.segment_hashes;
        this.attributes = summary.attributes;
        this.#handle = handle;
        this.#codes = new Uint32Array(2 * summary.experiments.length);
        const reads = { attributes: summary.attributes, needs_now: summary.experiments.some((one) => one.needs_now) };
        const placed = handle.assigner([...reads.attributes]);
        this.#asker = new asker_1.Asker(handle.assigner(undefined), placed, reads, this.#codes);
        const bind = (one, index) => new bound_1.Experiment(handle, summary.version, one, index);
        this.#experiments = summary.experiments.map(bind);
        this.#stranger = (0, bound_1.strangers)(handle, summary.version);
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
        const count = this.#asker.ask(visitorId, attributes, options);
        const decisions = [];
        for (let i = 0; i < 2 * count; i += 2) {
            const experiment = this.#experiments[this.#codes[i]];
            decisions.push(experiment.decision(this.#codes[i + 1]));
        }
        return Object.freeze(decisions);
    }
    /**
     * What to keep for sticky experiments, for a cookie that the host signs: the text kept before, with the variants that
     * these decisions assigned. Empty when there is nothing to keep; text that cannot be read is nothing. Given back as
     * `memory`, a visitor of a sticky experiment keeps the variant, whatever targeting and allocation have become.
     *
     * @example
     * ```ts
     * engine.remember(undefined, engine.assign('visitor-1', { orders_count: 3, country: 'US' })) // ''
     * const sticky = Engine.fromJSON({ ...bundle, experiments: [{ ...bundle.experiments[0], sticky: true }] })
     * const memory = sticky.remember(undefined, sticky.assign('visitor-1', { orders_count: 3, country: 'US' }))
     * sticky.decide('free_shipping', 'visitor-1', {}).reason // 'not_targeted'
     * sticky.decide('free_shipping', 'visitor-1', {}, { memory }).reason // 'assigned'
     * ```
     */
    remember(before, decisions) {
        const codes = decisions.flatMap((decision) => {
            const experiment = this.#index.get(decision.experiment);
            return experiment ? [experiment.index, experiment.code(decision)] : [];
        });
        return (0, error_1.call)(() => this.#handle.remember(textOf(before), codes));
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
        const [document, now] = [this.#asker.document(attributes), (0, document_1.instant)(options?.now) ?? Date.now()];
        const [key, memory] = [textOf(experiment), textOf(options?.memory)];
        return (0, explain_1.readExplanation)((0, error_1.call)(() => this.#handle.explain(key, textOf(visitorId), document, now, memory)));
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
        return (this.#index.get(key) ?? this.#stranger(key));
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
        return this.experiment(experiment).batch(visitorIds, attributes, options?.now);
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
    /**
     * The compiled plan: what `EdgeEngine` of `stoa-node/edge` takes where native code cannot run. Plain JSON.
     *
     * @example
     * ```ts
     * engine.plan().version === engine.version // true
     * ```
     */
    plan() {
        return JSON.parse(this.#handle.plan());
    }
    #sql(experiment, dialect, options) {
        const now = (0, document_1.instant)(options.now);
        const column = options.unit ?? 'visitor_id';
        return (0, error_1.call)(() => this.#handle.assignmentSql(experiment, dialect, column, options.alias, now));
    }
}
exports.Engine = Engine;
/** An id, a key or a memory as the engine takes it; what is no string is none, and becomes the empty one. */
function textOf(given) {
    return typeof given === 'string' ? given : '';
}
function plain(document) {
    return typeof document === 'string' || document instanceof Uint8Array ? (0, experiment_1.readDocument)(document) : document;
}
