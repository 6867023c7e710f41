// One experiment of an engine, for the path that must be fast.
import { native } from './addon'
import { Asker, type Native, type Reads } from './asker'
import type { DecideOptions, Decision, Reason, Variant } from './decision'
import { documentText, instant, type Attributes, type Document } from './document'
import { call } from './error'

/** The addon's engine. */
export type Handle = InstanceType<typeof native.Engine>

/** What an experiment that the bundle does not have is made of. */
const NOTHING = { variants: [], attributes: [], needs_now: false }
/** Its index. */
const UNKNOWN = 0xffff_ffff

/** Codes of one variant in the addon: one for each reason. */
const REASONS = 16

const reasons = JSON.parse(native.reasons()) as readonly {
  readonly key: Reason
  readonly exposes: Decision['exposes']
  readonly chosen: boolean
}[]

/** By code: index of the variant that a visitor takes part with, −1 when in none. */
const CHOSEN = Int8Array.from({ length: REASONS * 128 }, (_, code) =>
  reasons[code % REASONS]?.chosen ? Math.floor(code / REASONS) - 1 : -1,
)

/** What the addon tells of an experiment. */
export interface Summary extends Reads {
  readonly key: string
  readonly variants: readonly Variant[]
}

/** Attributes of many visitors: an object each, or a JSON array of them. */
export type BatchAttributes = readonly (object | null)[] | string | Uint8Array

/** A function of {@link Experiment.positional}. */
export type Positional = (visitorId: unknown, ...values: (string | number | boolean | null | undefined)[]) => number

/**
 * One experiment of an engine: variants and decisions are frozen once, a decision is an index.
 *
 * @example
 * ```ts
 * const { variants } = engine.experiment('free_shipping')
 * variants.map((variant) => variant.key) // ['A', 'B']
 * ```
 */
export class Experiment<K extends string = string> {
  /** Its key. */
  readonly key: K
  /** Its variants, control first; frozen. */
  readonly variants: readonly Variant<K>[]
  /** @internal */
  readonly index: number
  readonly #handle: Handle
  readonly #asker: Asker
  readonly #needsNow: boolean
  /** Decisions by code, each made and frozen when first needed. */
  readonly #decisions: (Decision<K> | undefined)[]
  readonly #version: string

  /** @internal */
  constructor(handle: Handle, version: string, summary: Summary, index: number, asker = askerOf(handle, summary, index)) {
    this.#handle = handle
    this.key = summary.key as K
    this.index = index
    this.variants = summary.variants as readonly Variant<K>[]
    this.#asker = asker
    this.#needsNow = summary.needs_now
    this.#decisions = Array.from({ length: REASONS * (this.variants.length + 1) })
    this.#version = version
    Object.freeze(this)
  }

  /**
   * Decides for one visitor, as {@link Engine.decide}.
   *
   * @example
   * ```ts
   * engine.experiment('free_shipping').decide('visitor-1', {}).variant // 'A'
   * ```
   */
  decide(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): Decision<K> {
    return this.decision(this.#asker.ask(visitorId, attributes, options))
  }

  /**
   * Index in `variants` of the variant a visitor takes part with (assigned, forced or shipped), −1 when in none.
   *
   * @example
   * ```ts
   * engine.experiment('free_shipping').variantIndex('visitor-1', { orders_count: 1, country: 'CA' }) // -1
   * ```
   */
  variantIndex(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): number {
    return CHOSEN[this.#asker.ask(visitorId, attributes, options)] as number
  }

  /**
   * A function that takes the values of these attributes as arguments, in this order, and gives what `variantIndex` gives:
   * the fastest way to a decision. What is not named, `null` or `undefined` is missing.
   *
   * @example
   * ```ts
   * const variantOf = engine.experiment('free_shipping').positional('orders_count', 'country')
   * variantOf('visitor-1', 3, 'CA') === engine.experiment('free_shipping').variantIndex('visitor-1', { orders_count: 3, country: 'CA' }) // true
   * variantOf('visitor-1', 1, 'CA') // -1
   * ```
   */
  positional(...names: readonly string[]): Positional {
    const chooser: Native = call(() => this.#handle.chooser(this.index, [...names], this.#needsNow))
    if (!this.#needsNow) return chooser
    return (visitorId, ...values) => {
      values.length = names.length
      return chooser(visitorId, ...values, Date.now())
    }
  }

  /** @internal See {@link Engine.assignBatch}. */
  batch(visitorIds: readonly unknown[], attributes?: BatchAttributes, now?: DecideOptions['now']): Int8Array {
    const variants = new Int8Array(visitorIds.length)
    const options = now === undefined ? undefined : { now }
    if (Array.isArray(attributes) && attributes.length === visitorIds.length) {
      return variants.map((_, i) => this.variantIndex(visitorIds[i], attributes[i] as object | null, options))
    }
    // An array of another length is refused there.
    const rows = Array.isArray(attributes) ? attributes.map(() => null) : attributes
    const text = rows === undefined ? undefined : documentText('attributes', rows as Document)
    const batcher: Native = this.#handle.batcher(this.index)
    call(() => batcher(variants, Array.from(visitorIds), text, instant(now) ?? Date.now()))
    return variants
  }

  /** @internal The frozen decision of a code of the addon. */
  decision(code: number): Decision<K> {
    return this.#decisions[code] ?? this.#describe(code)
  }

  /** @internal The code of a decision. */
  code({ variant, reason }: Decision): number {
    const place = this.variants.findIndex(({ key }) => key === variant) + 1
    return place * REASONS + reasons.findIndex(({ key }) => key === reason)
  }

  #describe(code: number): Decision<K> {
    const variant = this.variants[Math.floor(code / REASONS) - 1]
    const reason = reasons[code % REASONS]
    const decision = Object.freeze({
      experiment: this.key,
      variant: variant?.key ?? null,
      payload: variant?.payload ?? null,
      reason: reason?.key ?? 'load_error',
      exposes: reason?.exposes ?? 'none',
      version: this.#version,
    }) as Decision<K>
    this.#decisions[code] = decision
    return decision
  }
}

function askerOf(handle: Handle, reads: Reads, index: number): Asker {
  return new Asker(handle.decider(index, undefined), handle.decider(index, [...reads.attributes]), reads)
}

/** Makes experiments that the bundle does not have. */
export function strangers(handle: Handle, version: string): (key: string) => Experiment {
  const asker = askerOf(handle, NOTHING, UNKNOWN)
  return (key) => new Experiment(handle, version, { key, ...NOTHING }, UNKNOWN, asker)
}
