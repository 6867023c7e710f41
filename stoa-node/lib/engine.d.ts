import { Experiment, type BatchAttributes } from './bound';
import type { DecideOptions, Decision, ExperimentKey } from './decision';
import { type Attributes, type Document, type Instant } from './document';
import { type Problem } from './error';
import { type ExperimentDocument, type StoreDocument } from './experiment';
import type { EdgePlan } from './edge/plan.mjs' with { 'resolution-mode': 'import' };
import { type Explanation } from './explain';
import type { AttributeSchema, Dialect, RuleDocument } from './rule';
/** A named rule. */
export interface SegmentDocument {
    readonly key: string;
    readonly rule: RuleDocument;
    readonly description?: string;
    readonly version?: number;
    readonly lifecycle?: string;
    readonly provenance?: object;
}
/** Documents that make a bundle; those given as text may be JSON or YAML. */
export interface EngineDocuments {
    readonly experiments: readonly (ExperimentDocument | Document)[];
    readonly segments?: readonly (SegmentDocument | Document)[];
    readonly store?: StoreDocument | Document;
    readonly schema?: AttributeSchema;
}
/** Options of {@link Engine.assignmentSql}. */
export interface AssignmentSqlOptions {
    /** Column of the visitor id; `visitor_id`. */
    readonly unit?: string;
    /** Alias of the table, put before every column. */
    readonly alias?: string;
    /** The instant that `within_days` counts from; required by targeting that uses it. */
    readonly now?: Instant;
}
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
export declare class Engine {
    #private;
    /** The bundle's content hash, which every decision carries. */
    readonly version: string;
    /** What could not be loaded, each with its path in the bundle; empty when everything serves. */
    readonly problems: readonly Problem[];
    /** Segment key → hash of its rule: what a cache stores beside a membership. */
    readonly segmentHashes: Readonly<Record<string, string>>;
    /** The attributes that targeting reads of a visitor, sorted: what a cache must hold. */
    readonly attributes: readonly string[];
    private constructor();
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
    static fromJSON(bundle: Document): Engine;
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
    static fromDocuments(documents: EngineDocuments): Engine;
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
    decide<K extends ExperimentKey>(experiment: K, visitorId: unknown, attributes?: Attributes, options?: DecideOptions): Decision<K>;
    /**
     * Decides every experiment, in the bundle's order, and leaves out those that are not running for this visitor.
     *
     * @example
     * ```ts
     * engine.assign('visitor-1', { orders_count: 3, country: 'US' }).map((d) => d.experiment) // ['free_shipping']
     * ```
     */
    assign(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): readonly Decision<ExperimentKey>[];
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
    remember(before: string | undefined, decisions: readonly Decision[]): string;
    /**
     * Explains one decision: every check with its values, and which of them decided. Never throws for a visitor's data.
     *
     * @example
     * ```ts
     * const why = engine.explain('free_shipping', 'visitor-1', { orders_count: 0, country: 'CA' })
     * why.checks.find((check) => check.spoke)?.check // 'targeting'
     * ```
     */
    explain(experiment: string, visitorId: unknown, attributes?: Attributes, options?: DecideOptions): Explanation;
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
    experiment<K extends ExperimentKey>(key: K): Experiment<K>;
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
    assignBatch(experiment: ExperimentKey, visitorIds: readonly unknown[], attributes?: BatchAttributes, options?: Pick<DecideOptions, 'now'>): Int8Array;
    /**
     * An SQL expression that gives the key of the variant, for any table with the ids and the attributes.
     *
     * @throws {@link StoaError} `unknown_name` for an experiment or dialect that is not known.
     * @example
     * ```ts
     * engine.assignmentSql('free_shipping', 'duckdb', { unit: 'user' }).includes('sha256') // true
     * ```
     */
    assignmentSql(experiment: ExperimentKey, dialect: Dialect, options?: AssignmentSqlOptions): string;
    /**
     * An SQL expression that gives the reason, beside {@link Engine.assignmentSql}.
     *
     * @example
     * ```ts
     * engine.reasonSql('free_shipping', 'duckdb').includes('not_targeted') // true
     * ```
     */
    reasonSql(experiment: ExperimentKey, dialect: Dialect, options?: AssignmentSqlOptions): string;
    /**
     * The bundle: what could be read of it, sealed with its content hash.
     *
     * @example
     * ```ts
     * Engine.fromJSON(JSON.stringify(engine)).version === engine.version // true
     * ```
     */
    toJSON(): {
        readonly schema_version: number;
        readonly [part: string]: unknown;
    };
    /**
     * The compiled plan: what `EdgeEngine` of `stoa-node/edge` takes where native code cannot run. Plain JSON.
     *
     * @example
     * ```ts
     * engine.plan().version === engine.version // true
     * ```
     */
    plan(): EdgePlan;
}
