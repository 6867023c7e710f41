/**
 * Experiments as flags of OpenFeature: a provider for its server SDK, and the hook that records exposures.
 *
 * @packageDocumentation
 */
import {
  ErrorCode,
  OpenFeatureEventEmitter,
  ProviderEvents,
  StandardResolutionReasons as Resolution,
  type EvaluationContext,
  type FlagMetadata,
  type Hook,
  type JsonValue,
  type Provider,
  type ResolutionDetails,
} from '@openfeature/server-sdk'

import type { Attributes } from './document'
import type { Decision, Reason } from './decision'
import type { Engine } from './engine'
import { exposureOf, type Exposure } from './exposure'

/** Options of a {@link StoaProvider}. */
export interface StoaProviderOptions {
  /**
   * What reads the attributes of visitors whose evaluation context has none; `AttributeStore` of `stoa-node/redis` is one.
   */
  readonly attributes?: { get(visitorId: string): Promise<{ readonly attributes?: Attributes; readonly source: string }> }
}

/** What OpenFeature is told of a decision: a word of its own for why, or the code of what is wrong. */
const OUTCOMES: Readonly<Record<Reason, { readonly reason: string } | { readonly errorCode: ErrorCode }>> = {
  unknown_experiment: { errorCode: ErrorCode.FLAG_NOT_FOUND },
  load_error: { errorCode: ErrorCode.PARSE_ERROR },
  invalid_unit: { errorCode: ErrorCode.INVALID_CONTEXT },
  forced: { reason: Resolution.TARGETING_MATCH },
  shipped: { reason: Resolution.TARGETING_MATCH },
  not_running: { reason: Resolution.DISABLED },
  prerequisite_unmet: { reason: Resolution.DEFAULT },
  in_holdout: { reason: Resolution.DEFAULT },
  outside_layer: { reason: Resolution.DEFAULT },
  bad_attributes: { errorCode: ErrorCode.INVALID_CONTEXT },
  stale_segment: { reason: Resolution.STALE },
  not_targeted: { reason: Resolution.DEFAULT },
  not_allocated: { reason: Resolution.DEFAULT },
  assigned: { reason: Resolution.SPLIT },
}

/** What a variant gives a caller who asks for a type; undefined when its payload is of another. */
type ValueOf<T> = (payload: unknown) => T | undefined

/**
 * Serves experiments as flags: the flag's key is the experiment's, the targeting key is the visitor's id, and whatever else
 * the evaluation context holds are attributes.
 *
 * A string evaluation gives the variant's key; a boolean, number or object evaluation gives its payload, which must be of
 * that type in all variants of the experiment (`TYPE_MISMATCH` for every visitor otherwise, so that no variant is left out
 * of the analysis alone). A control without a payload gives the caller's default value.
 *
 * @example
 * ```ts
 * import { OpenFeature } from '@openfeature/server-sdk'
 * import { StoaProvider } from 'stoa-node/openfeature'
 * await OpenFeature.setProviderAndWait('shop', new StoaProvider(engine))
 * const visitor = { targetingKey: 'visitor-1', orders_count: 3, country: 'CA' }
 * const shown = await OpenFeature.getClient('shop').getStringDetails('free_shipping', 'A', visitor)
 * shown.value === decision.variant // true
 * shown.reason // 'SPLIT'
 * shown.flagMetadata.reason // 'assigned'
 * ```
 */
export class StoaProvider implements Provider {
  /** Its name among providers. */
  readonly metadata = { name: 'stoa' } as const
  /** OpenFeature's word for where it runs. */
  readonly runsOn = 'server'
  /** Tells OpenFeature of {@link StoaProvider.use}. */
  readonly events = new OpenFeatureEventEmitter()
  readonly #options: StoaProviderOptions
  #engine: Engine

  constructor(engine: Engine, options: StoaProviderOptions = {}) {
    this.#engine = engine
    this.#options = options
  }

  /**
   * Swaps the engine, whole, and tells OpenFeature which flags may have changed; nothing happens when it is the same bundle.
   *
   * @example
   * ```ts
   * import { StoaProvider } from 'stoa-node/openfeature'
   * const provider = new StoaProvider(engine)
   * provider.use(Engine.fromJSON({ ...bundle, experiments: [] }))
   * const found = await provider.resolveStringEvaluation('free_shipping', 'none', { targetingKey: 'visitor-1' })
   * found.errorCode // 'FLAG_NOT_FOUND'
   * ```
   */
  use(engine: Engine): void {
    const before = this.#engine
    this.#engine = engine
    if (engine.version === before.version) return
    const flagsChanged = [...new Set([...keys(before), ...keys(engine)])]
    this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged, message: `bundle ${engine.version}` })
  }

  /** The variant's key. Called by OpenFeature. */
  resolveStringEvaluation(flag: string, fallback: string, context: EvaluationContext): Promise<ResolutionDetails<string>> {
    return this.#resolve(flag, fallback, context)
  }

  /** The variant's payload, true or false. Called by OpenFeature. */
  resolveBooleanEvaluation(flag: string, fallback: boolean, context: EvaluationContext): Promise<ResolutionDetails<boolean>> {
    return this.#resolve(flag, fallback, context, (payload) => (typeof payload === 'boolean' ? payload : undefined))
  }

  /** The variant's payload, a number. Called by OpenFeature. */
  resolveNumberEvaluation(flag: string, fallback: number, context: EvaluationContext): Promise<ResolutionDetails<number>> {
    return this.#resolve(flag, fallback, context, (payload) => (typeof payload === 'number' ? payload : undefined))
  }

  /** The variant's payload, an object or an array; frozen. Called by OpenFeature. */
  resolveObjectEvaluation<T extends JsonValue>(flag: string, fallback: T, context: EvaluationContext): Promise<ResolutionDetails<T>> {
    return this.#resolve(flag, fallback, context, (payload) =>
      typeof payload === 'object' && payload !== null ? (payload as T) : undefined,
    )
  }

  /** Without `valueOf` the value is the variant's key, which only strings are. */
  async #resolve<T>(flag: string, fallback: T, context: EvaluationContext, valueOf?: ValueOf<T>): Promise<ResolutionDetails<T>> {
    // One engine for the whole evaluation, whatever is swapped while attributes are read.
    const engine = this.#engine
    const { targetingKey, ...given } = context
    if (!targetingKey) return { value: fallback, reason: Resolution.ERROR, errorCode: ErrorCode.TARGETING_KEY_MISSING }
    const { attributes, source } = await this.#attributes(targetingKey, given)
    const decision = engine.decide(flag, targetingKey, attributes)
    const flagMetadata = metadataOf(decision, source)
    const outcome = OUTCOMES[decision.reason]
    if ('errorCode' in outcome) return { value: fallback, reason: Resolution.ERROR, ...outcome, flagMetadata }
    const variant = decision.variant as string
    if (valueOf === undefined) return { value: variant as T, variant, ...outcome, flagMetadata }
    const odd = engine
      .experiment(flag)
      .variants.find(({ payload }, i) => valueOf(payload) === undefined && !(i === 0 && payload === null))
    if (odd !== undefined) {
      const errorMessage = `the payload of variant ${odd.key} of ${flag} is not of the type asked for`
      return { value: fallback, reason: Resolution.ERROR, errorCode: ErrorCode.TYPE_MISMATCH, errorMessage, flagMetadata }
    }
    return { value: valueOf(decision.payload) ?? fallback, variant, ...outcome, flagMetadata }
  }

  /** The context's attributes where it has any, else those of the reader; a reader that fails has none. */
  async #attributes(id: string, given: object): Promise<{ attributes?: Attributes; source: string }> {
    const reader = this.#options.attributes
    if (reader === undefined || Object.keys(given).length > 0) return { attributes: given, source: 'context' }
    try {
      return await reader.get(id)
    } catch {
      return { source: 'default' }
    }
  }
}

/**
 * Hands what was evaluated to a sink of exposures: add it to OpenFeature, to a client, or to the evaluations whose flag is
 * shown. Evaluations that failed, and decisions that count in no analysis, are not exposures.
 *
 * @example
 * ```ts
 * import { OpenFeature } from '@openfeature/server-sdk'
 * import { exposureHook, StoaProvider } from 'stoa-node/openfeature'
 * const exposures = new Exposures({ write: async (batch) => {} })
 * await OpenFeature.setProviderAndWait('till', new StoaProvider(engine))
 * const client = OpenFeature.getClient('till').addHooks(exposureHook(exposures))
 * await client.getStringValue('free_shipping', 'A', { targetingKey: 'visitor-1', orders_count: 3, country: 'CA' })
 * await client.getStringValue('free_shipping', 'A', { targetingKey: 'visitor-2', orders_count: 0 })
 * exposures.stats().taken // 1
 * ```
 */
export function exposureHook(exposures: { add(exposure: Exposure | undefined): void }): Hook {
  return {
    after({ flagKey, context, providerMetadata }, { variant, flagMetadata }) {
      const { targetingKey } = context
      if (providerMetadata.name !== 'stoa' || variant === undefined || targetingKey === undefined) return
      const { source, ...known } = flagMetadata
      const decision = { experiment: flagKey, variant, payload: null, ...known } as Decision
      exposures.add(exposureOf(decision, targetingKey, String(source)))
    },
  }
}

function metadataOf({ reason, exposes, version }: Decision, source: string): FlagMetadata {
  return { reason, exposes, version, source }
}

/** Keys of a bundle's experiments, as far as they could be read. */
function keys(engine: Engine): string[] {
  const { experiments } = engine.toJSON() as { readonly experiments?: readonly { readonly key?: unknown }[] }
  return (experiments ?? []).flatMap(({ key }) => (typeof key === 'string' ? [key] : []))
}
