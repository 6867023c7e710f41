import { native } from './addon'
import { Asker } from './asker'
import { Experiment, strangers, type BatchAttributes, type Handle, type Summary as ExperimentSummary } from './bound'
import type { DecideOptions, Decision, ExperimentKey } from './decision'
import { contractText, instant, type Attributes, type Document, type Instant } from './document'
import { call, refuse, type Problem } from './error'
import { deepFreeze, readDocument, type ExperimentDocument, type StoreDocument } from './experiment'
import type { EdgePlan } from './edge/plan.mjs' with { 'resolution-mode': 'import' }
import { readExplanation, type Explanation } from './explain'
import type { AttributeSchema, Dialect, RuleDocument } from './rule'

/** A named rule. */
export interface SegmentDocument {
  readonly key: string
  readonly rule: RuleDocument
  readonly description?: string
  readonly version?: number
  readonly lifecycle?: string
  readonly provenance?: object
}

/** Documents that make a bundle; those given as text may be JSON or YAML. */
export interface EngineDocuments {
  readonly experiments: readonly (ExperimentDocument | Document)[]
  readonly segments?: readonly (SegmentDocument | Document)[]
  readonly store?: StoreDocument | Document
  readonly schema?: AttributeSchema
}

/** Options of {@link Engine.assignmentSql}. */
export interface AssignmentSqlOptions {
  /** Column of the visitor id; `visitor_id`. */
  readonly unit?: string
  /** Alias of the table, put before every column. */
  readonly alias?: string
  /** The instant that `within_days` counts from; required by targeting that uses it. */
  readonly now?: Instant
}

interface Summary {
  readonly version: string
  readonly problems: readonly Problem[]
  readonly segment_hashes: Readonly<Record<string, string>>
  readonly attributes: readonly string[]
  readonly experiments: readonly ExperimentSummary[]
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
export class Engine {
  /** The bundle's content hash, which every decision carries. */
  readonly version: string
  /** What could not be loaded, each with its path in the bundle; empty when everything serves. */
  readonly problems: readonly Problem[]
  /** Segment key → hash of its rule: what a cache stores beside a membership. */
  readonly segmentHashes: Readonly<Record<string, string>>
  /** The attributes that targeting reads of a visitor, sorted: what a cache must hold. */
  readonly attributes: readonly string[]
  readonly #handle: Handle
  readonly #asker: Asker
  /** What the addon answers `assign` with: index and code of each decision, one after the other. */
  readonly #codes: Uint32Array
  readonly #experiments: readonly Experiment[]
  readonly #index: ReadonlyMap<string, Experiment>
  readonly #stranger: (key: string) => Experiment

  private constructor(handle: Handle) {
    const summary = deepFreeze(JSON.parse(call(() => handle.summary())) as Summary)
    this.version = summary.version
    this.problems = summary.problems
    this.segmentHashes = summary.segment_hashes
    this.attributes = summary.attributes
    this.#handle = handle
    this.#codes = new Uint32Array(2 * summary.experiments.length)
    const reads = { attributes: summary.attributes, needs_now: summary.experiments.some((one) => one.needs_now) }
    const placed = handle.assigner([...reads.attributes])
    this.#asker = new Asker(handle.assigner(undefined), placed, reads, this.#codes)
    const bind = (one: ExperimentSummary, index: number) => new Experiment(handle, summary.version, one, index)
    this.#experiments = summary.experiments.map(bind)
    this.#stranger = strangers(handle, summary.version)
    this.#index = new Map(this.#experiments.map((experiment) => [experiment.key, experiment]))
    Object.freeze(this)
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
  static fromJSON(bundle: Document): Engine {
    const text = contractText('bundle', bundle)
    return new Engine(call(() => native.Engine.fromJSON(text)))
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
  static fromDocuments(documents: EngineDocuments): Engine {
    const text = contractText('documents', {
      ...documents,
      experiments: documents.experiments.map(plain),
      segments: documents.segments?.map(plain),
      store: plain(documents.store),
    })
    return new Engine(call(() => native.Engine.fromDocuments(text)))
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
  decide<K extends ExperimentKey>(
    experiment: K,
    visitorId: unknown,
    attributes?: Attributes,
    options?: DecideOptions,
  ): Decision<K> {
    return this.experiment(experiment).decide(visitorId, attributes, options)
  }

  /**
   * Decides every experiment, in the bundle's order, and leaves out those that are not running for this visitor.
   *
   * @example
   * ```ts
   * engine.assign('visitor-1', { orders_count: 3, country: 'US' }).map((d) => d.experiment) // ['free_shipping']
   * ```
   */
  assign(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): readonly Decision<ExperimentKey>[] {
    const count = this.#asker.ask(visitorId, attributes, options)
    const decisions: Decision[] = []
    for (let i = 0; i < 2 * count; i += 2) {
      const experiment = this.#experiments[this.#codes[i] as number] as Experiment
      decisions.push(experiment.decision(this.#codes[i + 1] as number))
    }
    return Object.freeze(decisions) as readonly Decision<ExperimentKey>[]
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
  remember(before: string | undefined, decisions: readonly Decision[]): string {
    const codes = decisions.flatMap((decision) => {
      const experiment = this.#index.get(decision.experiment)
      return experiment ? [experiment.index, experiment.code(decision)] : []
    })
    return call(() => this.#handle.remember(textOf(before), codes))
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
  explain(experiment: string, visitorId: unknown, attributes?: Attributes, options?: DecideOptions): Explanation {
    const [document, now] = [this.#asker.document(attributes), instant(options?.now) ?? Date.now()]
    const [key, memory] = [textOf(experiment), textOf(options?.memory)]
    return readExplanation(call(() => this.#handle.explain(key, textOf(visitorId), document, now, memory)))
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
  experiment<K extends ExperimentKey>(key: K): Experiment<K> {
    return (this.#index.get(key) ?? this.#stranger(key)) as Experiment<string> as Experiment<K>
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
  assignBatch(
    experiment: ExperimentKey,
    visitorIds: readonly unknown[],
    attributes?: BatchAttributes,
    options?: Pick<DecideOptions, 'now'>,
  ): Int8Array {
    if (!Array.isArray(visitorIds)) throw refuse('wrong_type', 'visitorIds', 'must be an array', visitorIds)
    return this.experiment(experiment).batch(visitorIds, attributes, options?.now)
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
  assignmentSql(experiment: ExperimentKey, dialect: Dialect, options: AssignmentSqlOptions = {}): string {
    return this.#sql(experiment, dialect, options)[0]
  }

  /**
   * An SQL expression that gives the reason, beside {@link Engine.assignmentSql}.
   *
   * @example
   * ```ts
   * engine.reasonSql('free_shipping', 'duckdb').includes('not_targeted') // true
   * ```
   */
  reasonSql(experiment: ExperimentKey, dialect: Dialect, options: AssignmentSqlOptions = {}): string {
    return this.#sql(experiment, dialect, options)[1]
  }

  /**
   * The bundle: what could be read of it, sealed with its content hash.
   *
   * @example
   * ```ts
   * Engine.fromJSON(JSON.stringify(engine)).version === engine.version // true
   * ```
   */
  toJSON(): { readonly schema_version: number; readonly [part: string]: unknown } {
    return JSON.parse(this.#handle.bundle()) as { schema_version: number }
  }

  /**
   * The compiled plan: what `EdgeEngine` of `stoa-node/edge` takes where native code cannot run. Plain JSON.
   *
   * @example
   * ```ts
   * engine.plan().version === engine.version // true
   * ```
   */
  plan(): EdgePlan {
    return JSON.parse(this.#handle.plan()) as EdgePlan
  }

  #sql(experiment: ExperimentKey, dialect: Dialect, options: AssignmentSqlOptions): [string, string] {
    const now = instant(options.now)
    const column = options.unit ?? 'visitor_id'
    return call(() => this.#handle.assignmentSql(experiment, dialect, column, options.alias, now)) as [string, string]
  }
}

/** An id, a key or a memory as the engine takes it; what is no string is none, and becomes the empty one. */
function textOf(given: unknown): string {
  return typeof given === 'string' ? given : ''
}

function plain(document: unknown): unknown {
  return typeof document === 'string' || document instanceof Uint8Array ? readDocument(document) : document
}
