/**
 * Experiments as flags of OpenFeature: a provider for its server SDK, and the hook that records exposures.
 *
 * @packageDocumentation
 */
import { OpenFeatureEventEmitter, type EvaluationContext, type Hook, type JsonValue, type Provider, type ResolutionDetails } from '@openfeature/server-sdk';
import type { Attributes } from './document';
import type { Engine } from './engine';
import { type Exposure } from './exposure';
/** Options of a {@link StoaProvider}. */
export interface StoaProviderOptions {
    /**
     * What reads the attributes of visitors whose evaluation context has none; `AttributeStore` of `stoa-node/redis` is one.
     */
    readonly attributes?: {
        get(visitorId: string): Promise<{
            readonly attributes?: Attributes;
            readonly source: string;
        }>;
    };
}
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
export declare class StoaProvider implements Provider {
    #private;
    /** Its name among providers. */
    readonly metadata: {
        readonly name: "stoa";
    };
    /** OpenFeature's word for where it runs. */
    readonly runsOn = "server";
    /** Tells OpenFeature of {@link StoaProvider.use}. */
    readonly events: OpenFeatureEventEmitter;
    constructor(engine: Engine, options?: StoaProviderOptions);
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
    use(engine: Engine): void;
    /** The variant's key. Called by OpenFeature. */
    resolveStringEvaluation(flag: string, fallback: string, context: EvaluationContext): Promise<ResolutionDetails<string>>;
    /** The variant's payload, true or false. Called by OpenFeature. */
    resolveBooleanEvaluation(flag: string, fallback: boolean, context: EvaluationContext): Promise<ResolutionDetails<boolean>>;
    /** The variant's payload, a number. Called by OpenFeature. */
    resolveNumberEvaluation(flag: string, fallback: number, context: EvaluationContext): Promise<ResolutionDetails<number>>;
    /** The variant's payload, an object or an array; frozen. Called by OpenFeature. */
    resolveObjectEvaluation<T extends JsonValue>(flag: string, fallback: T, context: EvaluationContext): Promise<ResolutionDetails<T>>;
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
export declare function exposureHook(exposures: {
    add(exposure: Exposure | undefined): void;
}): Hook;
