"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.StoaProvider = void 0;
exports.exposureHook = exposureHook;
/**
 * Experiments as flags of OpenFeature: a provider for its server SDK, and the hook that records exposures.
 *
 * @packageDocumentation
 */
const server_sdk_1 = require("@openfeature/server-sdk");
const exposure_1 = require("./exposure");
/** What OpenFeature is told of a decision: a word of its own for why, or the code of what is wrong. */
const OUTCOMES = {
    unknown_experiment: { errorCode: server_sdk_1.ErrorCode.FLAG_NOT_FOUND },
    load_error: { errorCode: server_sdk_1.ErrorCode.PARSE_ERROR },
    invalid_unit: { errorCode: server_sdk_1.ErrorCode.INVALID_CONTEXT },
    forced: { reason: server_sdk_1.StandardResolutionReasons.TARGETING_MATCH },
    shipped: { reason: server_sdk_1.StandardResolutionReasons.TARGETING_MATCH },
    not_running: { reason: server_sdk_1.StandardResolutionReasons.DISABLED },
    prerequisite_unmet: { reason: server_sdk_1.StandardResolutionReasons.DEFAULT },
    in_holdout: { reason: server_sdk_1.StandardResolutionReasons.DEFAULT },
    outside_layer: { reason: server_sdk_1.StandardResolutionReasons.DEFAULT },
    bad_attributes: { errorCode: server_sdk_1.ErrorCode.INVALID_CONTEXT },
    stale_segment: { reason: server_sdk_1.StandardResolutionReasons.STALE },
    not_targeted: { reason: server_sdk_1.StandardResolutionReasons.DEFAULT },
    not_allocated: { reason: server_sdk_1.StandardResolutionReasons.DEFAULT },
    assigned: { reason: server_sdk_1.StandardResolutionReasons.SPLIT },
};
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
class StoaProvider {
    /** Its name among providers. */
    metadata = { name: 'stoa' };
    /** OpenFeature's word for where it runs. */
    runsOn = 'server';
    /** Tells OpenFeature of {@link StoaProvider.use}. */
    events = new server_sdk_1.OpenFeatureEventEmitter();
    #options;
    #engine;
    constructor(engine, options = {}) {
        this.#engine = engine;
        this.#options = options;
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
    use(engine) {
        const before = this.#engine;
        this.#engine = engine;
        if (engine.version === before.version)
            return;
        const flagsChanged = [...new Set([...keys(before), ...keys(engine)])];
        this.events.emit(server_sdk_1.ProviderEvents.ConfigurationChanged, { flagsChanged, message: `bundle ${engine.version}` });
    }
    /** The variant's key. Called by OpenFeature. */
    resolveStringEvaluation(flag, fallback, context) {
        return this.#resolve(flag, fallback, context);
    }
    /** The variant's payload, true or false. Called by OpenFeature. */
    resolveBooleanEvaluation(flag, fallback, context) {
        return this.#resolve(flag, fallback, context, (payload) => (typeof payload === 'boolean' ? payload : undefined));
    }
    /** The variant's payload, a number. Called by OpenFeature. */
    resolveNumberEvaluation(flag, fallback, context) {
        return this.#resolve(flag, fallback, context, (payload) => (typeof payload === 'number' ? payload : undefined));
    }
    /** The variant's payload, an object or an array; frozen. Called by OpenFeature. */
    resolveObjectEvaluation(flag, fallback, context) {
        return this.#resolve(flag, fallback, context, (payload) => typeof payload === 'object' && payload !== null ? payload : undefined);
    }
    /** Without `valueOf` the value is the variant's key, which only strings are. */
    async #resolve(flag, fallback, context, valueOf) {
        // One engine for the whole evaluation, whatever is swapped while attributes are read.
        const engine = this.#engine;
        const { targetingKey, ...given } = context;
        if (!targetingKey)
            return { value: fallback, reason: server_sdk_1.StandardResolutionReasons.ERROR, errorCode: server_sdk_1.ErrorCode.TARGETING_KEY_MISSING };
        const { attributes, source } = await this.#attributes(targetingKey, given);
        const decision = engine.decide(flag, targetingKey, attributes);
        const flagMetadata = metadataOf(decision, source);
        const outcome = OUTCOMES[decision.reason];
        if ('errorCode' in outcome)
            return { value: fallback, reason: server_sdk_1.StandardResolutionReasons.ERROR, ...outcome, flagMetadata };
        const variant = decision.variant;
        if (valueOf === undefined)
            return { value: variant, variant, ...outcome, flagMetadata };
        const odd = engine
            .experiment(flag)
            .variants.find(({ payload }, i) => valueOf(payload) === undefined && !(i === 0 && payload === null));
        if (odd !== undefined) {
            const errorMessage = `the payload of variant ${odd.key} of ${flag} is not of the type asked for`;
            return { value: fallback, reason: server_sdk_1.StandardResolutionReasons.ERROR, errorCode: server_sdk_1.ErrorCode.TYPE_MISMATCH, errorMessage, flagMetadata };
        }
        return { value: valueOf(decision.payload) ?? fallback, variant, ...outcome, flagMetadata };
    }
    /** The context's attributes where it has any, else those of the reader; a reader that fails has none. */
    async #attributes(id, given) {
        const reader = this.#options.attributes;
        if (reader === undefined || Object.keys(given).length > 0)
            return { attributes: given, source: 'context' };
        try {
            return await reader.get(id);
        }
        catch {
            return { source: 'default' };
        }
    }
}
exports.StoaProvider = StoaProvider;
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
function exposureHook(exposures) {
    return {
        after({ flagKey, context, providerMetadata }, { variant, flagMetadata }) {
            const { targetingKey } = context;
            if (providerMetadata.name !== 'stoa' || variant === undefined || targetingKey === undefined)
                return;
            const { source, ...known } = flagMetadata;
            const decision = { experiment: flagKey, variant, payload: null, ...known };
            exposures.add((0, exposure_1.exposureOf)(decision, targetingKey, String(source)));
        },
    };
}
function metadataOf({ reason, exposes, version }, source) {
    return { reason, exposes, version, source };
}
/** Keys of a bundle's experiments, as far as they could be read. */
function keys(engine) {
    const { experiments } = engine.toJSON();
    return (experiments ?? []).flatMap(({ key }) => (typeof key === 'string' ? [key] : []));
}
