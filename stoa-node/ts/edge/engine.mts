import type { Attributes } from '../document.js'
import type { DecideOptions, Decision, ExperimentKey, Variant } from '../decision.js'
import type { Problem } from '../error.js'
import { Checks, entryOf, strangeHash, type Case, type Entry, type Outcome } from './checks.mjs'
import { instantOfMillis, parseInstant } from './instant.mjs'
import { recall, remember } from './memory.mjs'
import { FORMAT, type EdgePlan, type Instant } from './plan.mjs'
import { readVisitor, wellFormed } from './visitor.mjs'

/**
 * Decides where native code cannot run: workers, browsers, Deno. It follows the plan that `engine.plan()` of `stoa-node`
 * (or `eng.plan()` of Python) compiled, gives exactly the native engine's decisions, and never throws for a visitor's
 * data. Immutable: a new plan is a new engine.
 *
 * @example
 * ```ts
 * import { EdgeEngine } from 'stoa-node/edge'
 * const edge = new EdgeEngine(engine.plan())
 * edge.decide('free_shipping', 'visitor-1', { orders_count: 3, country: 'CA' }).reason // 'assigned'
 * ```
 */
export class EdgeEngine {
  /** The bundle's content hash, which every decision carries. */
  readonly version: string
  /** What could not be loaded; empty when everything serves. */
  readonly problems: readonly Problem[]
  /** The attributes that targeting reads. */
  readonly attributes: readonly string[]
  readonly #entries: readonly Entry[]
  readonly #experiments: readonly EdgeExperiment[]
  readonly #index: ReadonlyMap<string, number>
  readonly #checks: Checks
  readonly #reasons: EdgePlan['reasons']

  /**
   * Takes a plan, as an object or as JSON text. An experiment that hashes in a way only the native engine has answers
   * `load_error` and is named in `problems`.
   *
   * @throws An `Error` with `code` `unsupported` for a plan of another layout.
   */
  constructor(plan: EdgePlan | string) {
    const own = freeze(JSON.parse(typeof plan === 'string' ? plan : JSON.stringify(plan)) as EdgePlan)
    if (own.format !== FORMAT) {
      throw refuse('unsupported', 'format', `must be ${FORMAT}, as this version of stoa-node/edge reads it`, own.format)
    }
    this.version = own.version
    this.attributes = own.attributes
    this.problems = Object.freeze([...own.problems, ...strangers(own)])
    this.#reasons = own.reasons
    this.#entries = own.experiments.map((planned) => entryOf(planned, own))
    this.#index = new Map(this.#entries.map(({ key }, index) => [key, index]))
    this.#checks = new Checks(this.#entries, own)
    this.#experiments = this.#entries.map(({ key, variants }) => this.#experiment(key, variants))
    Object.freeze(this)
  }

  /**
   * Decides one experiment; attributes are an object, its JSON as text or bytes, the cache's document, or nothing.
   *
   * @example
   * ```ts
   * edge.decide('free_shipping', 'visitor-1', '{"orders_count": ').reason // 'bad_attributes'
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
   * edge.assign('visitor-1', { orders_count: 3, country: 'US' }).map((d) => d.experiment) // ['free_shipping']
   * ```
   */
  assign(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): readonly Decision<ExperimentKey>[] {
    const one = this.#case(this.attributes, visitorId, attributes, options)
    const decisions = this.#entries.flatMap((entry, index) => {
      const outcome = this.#checks.outcome(index, one)
      return this.#checks.shows(entry, outcome.reason) ? [this.#experiments[index]!.decision(outcome)] : []
    })
    return Object.freeze(decisions) as readonly Decision<ExperimentKey>[]
  }

  /**
   * One experiment, bound to this engine. An unknown key answers `unknown_experiment`.
   *
   * @example
   * ```ts
   * edge.experiment('free_shipping').variantIndex('visitor-1', {}) // -1
   * ```
   */
  experiment<K extends ExperimentKey>(key: K): EdgeExperiment<K> {
    const known = this.#experiments[this.#index.get(key) ?? -1] ?? this.#experiment(key, Object.freeze([]))
    return known as EdgeExperiment<string> as EdgeExperiment<K>
  }

  /**
   * What to keep for the next request: the text before, and the variants that sticky experiments assigned.
   *
   * @example
   * ```ts
   * edge.remember('', edge.assign('visitor-1', { orders_count: 3, country: 'CA' })) // ''
   * ```
   */
  remember(memory: string | undefined, decisions: readonly Decision[]): string {
    return remember(recall(memory, this.#entries, this.#index), decisions, this.#entries, this.#index)
  }

  #experiment(key: string, variants: readonly Variant[]): EdgeExperiment {
    const index = this.#index.get(key) ?? -1
    const attributesRead = this.#entries[index]?.attributes ?? []
    const decided = (visitorId: unknown, attributes?: Attributes, options?: DecideOptions) =>
      this.#checks.outcome(index, this.#case(attributesRead, visitorId, attributes, options))
    const decision = ({ variant, reason }: Outcome) =>
      Object.freeze({
        experiment: key,
        variant: variants[variant]?.key ?? null,
        payload: variants[variant]?.payload ?? null,
        reason,
        exposes: this.#reasons.find((known) => known.key === reason)?.exposes ?? 'none',
        version: this.version,
      }) as Decision
    return new EdgeExperiment(key, variants, decided, decision, (outcome) => this.#checks.chosen(outcome.reason))
  }

  #case(reads: readonly string[], visitorId: unknown, attributes: Attributes, options: DecideOptions | undefined): Case {
    return {
      unit: typeof visitorId === 'string' ? wellFormed(visitorId) : '',
      visitor: readVisitor(attributes, reads),
      now: clock(options?.now),
      shown: recall(options?.memory, this.#entries, this.#index),
    }
  }
}

/** One experiment of an {@link EdgeEngine}: variants are frozen once, and the same outcome is the same decision. */
export class EdgeExperiment<K = string> {
  /** Its key. */
  readonly key: K
  /** Its variants, control first; frozen. */
  readonly variants: readonly Variant<K>[]
  readonly #outcome: (visitorId: unknown, attributes?: Attributes, options?: DecideOptions) => Outcome
  readonly #describe: (outcome: Outcome) => Decision
  readonly #chosen: (outcome: Outcome) => boolean
  readonly #decisions = new Map<string, Decision>()

  /** @internal */
  constructor(
    key: K,
    variants: readonly Variant<K>[],
    outcome: (visitorId: unknown, attributes?: Attributes, options?: DecideOptions) => Outcome,
    describe: (outcome: Outcome) => Decision,
    chosen: (outcome: Outcome) => boolean,
  ) {
    this.key = key
    this.variants = variants
    this.#outcome = outcome
    this.#describe = describe
    this.#chosen = chosen
    Object.freeze(this)
  }

  /** Decides for one visitor, as {@link EdgeEngine.decide}. */
  decide(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): Decision<K> {
    return this.decision(this.#outcome(visitorId, attributes, options)) as Decision as Decision<K>
  }

  /** Index in `variants` of the variant a visitor takes part with (assigned, forced or shipped), −1 when in none. */
  variantIndex(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): number {
    const outcome = this.#outcome(visitorId, attributes, options)
    return this.#chosen(outcome) ? outcome.variant : -1
  }

  /** @internal The frozen decision of an outcome. */
  decision(outcome: Outcome): Decision {
    const code = `${outcome.variant} ${outcome.reason}`
    const known = this.#decisions.get(code)
    if (known) return known
    const made = this.#describe(outcome)
    this.#decisions.set(code, made)
    return made
  }
}

/** Experiments that hash in a way only the native engine has. */
function strangers(plan: EdgePlan): Problem[] {
  return plan.experiments.flatMap((planned, i) => {
    const hash = strangeHash(planned)
    if (hash === undefined) return []
    const { code, field, rule, value, message } = refuse('unsupported', `experiments[${i}].hash`, 'must be sha256 on the edge', hash)
    return [Object.freeze({ code, field, rule, value, message })]
  })
}

function clock(now: DecideOptions['now']): Instant {
  if (now === undefined || now === null) return instantOfMillis(Date.now())
  if (typeof now !== 'string' && !(now instanceof Date)) throw refuse('wrong_type', 'now', 'must be a Date or RFC 3339 text', now)
  const at = typeof now === 'string' ? parseInstant(now) : instantOfMillis(now.getTime())
  if (at === undefined || Number.isNaN(at[0])) throw refuse('out_of_range', 'now', 'must be RFC 3339, like 2026-01-31T00:00:00Z', now)
  return at
}

/** An error with the fields of `StoaError`, which lives beside the native addon. */
function refuse(code: string, field: string, rule: string, found: unknown): Error & Problem {
  const value = String(found)
  return Object.assign(new Error(`${field} ${rule}, got ${value}`), { code, field, rule, value })
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  Object.values(value).forEach(freeze)
  return Object.freeze(value)
}
