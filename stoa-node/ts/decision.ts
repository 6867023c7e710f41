// What a decision is. Types only: the engine and the edge module share them.
import type { Instant } from './document'
import type { Experiments } from './index'

/** Why a decision came out as it did, in the order of the checks. */
export type Reason =
  | 'unknown_experiment'
  | 'load_error'
  | 'invalid_unit'
  | 'forced'
  | 'shipped'
  | 'not_running'
  | 'prerequisite_unmet'
  | 'in_holdout'
  | 'outside_layer'
  | 'bad_attributes'
  | 'stale_segment'
  | 'not_targeted'
  | 'not_allocated'
  | 'assigned'

/** Key of an experiment: one of {@link Experiments}, or any text while that is empty. */
export type ExperimentKey = [keyof Experiments] extends [never] ? string : keyof Experiments & string

type Payloads<K> = K extends keyof Experiments ? Experiments[K] : Readonly<Record<string, unknown>>

type VariantKey<K> = keyof Payloads<K> & string

/** One of the things compared. Frozen. */
export type Variant<K = string> = {
  readonly [V in VariantKey<K>]: {
    readonly key: V
    /** What the storefront reads; any JSON. */
    readonly payload: Payloads<K>[V]
  }
}[VariantKey<K>]

interface Decided<K, V, P> {
  /** The experiment's key. */
  readonly experiment: K
  /** Key of the variant to show; null when nothing is known about the experiment. */
  readonly variant: V
  /** The variant's payload, null when it has none. */
  readonly payload: P
  readonly reason: Reason
  /** In which analysis the visitor counts once they have seen the variant. */
  readonly exposes: 'none' | 'experiment' | 'holdout'
  /** The bundle's content hash. */
  readonly version: string
}

/** What a visitor gets in one experiment, and why. Frozen. */
export type Decision<K = string> = K extends unknown
  ? { [V in VariantKey<K>]: Decided<K, V, Payloads<K>[V]> }[VariantKey<K>] | Decided<K, null, null>
  : never

/** Options of every decision. */
export interface DecideOptions {
  /** The instant that `within_days` counts from; the clock's when left out. */
  readonly now?: Instant | undefined
  /** What sticky experiments have shown the visitor: text of {@link Engine.remember}, as a cookie brought it back. */
  readonly memory?: string | undefined
}
