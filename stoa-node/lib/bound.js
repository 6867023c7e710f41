"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Experiment = void 0;
exports.strangers = strangers;
// One experiment of an engine, for the path that must be fast.
const addon_1 = require("./addon");
const asker_1 = require("./asker");
const document_1 = require("./document");
const error_1 = require("./error");
/** What an experiment that the bundle does not have is made of. */
const NOTHING = { variants: [], attributes: [], needs_now: false };
/** Its index. */
const UNKNOWN = 0xffff_ffff;
/** Codes of one variant in the addon: one for each reason. */
const REASONS = 16;
const reasons = JSON.parse(addon_1.native.reasons());
/** By code: index of the variant that a visitor takes part with, −1 when in none. */
const CHOSEN = Int8Array.from({ length: REASONS * 128 }, (_, code) => reasons[code % REASONS]?.chosen ? Math.floor(code / REASONS) - 1 : -1);
/**
 * One experiment of an engine: variants and decisions are frozen once, a decision is an index.
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
    #asker;
    #needsNow;
    /** Decisions by code, each made and frozen when first needed. */
    #decisions;
    #version;
    /** @internal */
    constructor(handle, version, summary, index, asker = askerOf(handle, summary, index)) {
        this.#handle = handle;
        this.key = summary.key;
        this.index = index;
        this.variants = summary.variants;
        this.#asker = asker;
        this.#needsNow = summary.needs_now;
        this.#decisions = Array.from({ length: REASONS * (this.variants.length + 1) });
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
        return this.decision(this.#asker.ask(visitorId, attributes, options));
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
        return CHOSEN[this.#asker.ask(visitorId, attributes, options)];
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
    positional(...names) {
        const chooser = (0, error_1.call)(() => this.#handle.chooser(this.index, [...names], this.#needsNow));
        if (!this.#needsNow)
            return chooser;
        return (visitorId, ...values) => {
            values.length = names.length;
            return chooser(visitorId, ...values, Date.now());
        };
    }
    /** @internal See {@link Engine.assignBatch}. */
    batch(visitorIds, attributes, now) {
        const variants = new Int8Array(visitorIds.length);
        const options = now === undefined ? undefined : { now };
        if (Array.isArray(attributes) && attributes.length === visitorIds.length) {
            return variants.map((_, i) => this.variantIndex(visitorIds[i], attributes[i], options));
        }
        // An array of another length is refused there.
        const rows = Array.isArray(attributes) ? attributes.map(() => null) : attributes;
        const text = rows === undefined ? undefined : (0, document_1.documentText)('attributes', rows);
        const batcher = this.#handle.batcher(this.index);
        (0, error_1.call)(() => batcher(variants, Array.from(visitorIds), text, (0, document_1.instant)(now) ?? Date.now()));
        return variants;
    }
    /** @internal The frozen decision of a code of the addon. */
    decision(code) {
        return this.#decisions[code] ?? this.#describe(code);
    }
    /** @internal The code of a decision. */
    code({ variant, reason }) {
        const place = this.variants.findIndex(({ key }) => key === variant) + 1;
        return place * REASONS + reasons.findIndex(({ key }) => key === reason);
    }
    #describe(code) {
        const variant = this.variants[Math.floor(code / REASONS) - 1];
        const reason = reasons[code % REASONS];
        const decision = Object.freeze({
            experiment: this.key,
            variant: variant?.key ?? null,
            payload: variant?.payload ?? null,
            reason: reason?.key ?? 'load_error',
            exposes: reason?.exposes ?? 'none',
            version: this.#version,
        });
        this.#decisions[code] = decision;
        return decision;
    }
}
exports.Experiment = Experiment;
function askerOf(handle, reads, index) {
    return new asker_1.Asker(handle.decider(index, undefined), handle.decider(index, [...reads.attributes]), reads);
}
/** Makes experiments that the bundle does not have. */
function strangers(handle, version) {
    const asker = askerOf(handle, NOTHING, UNKNOWN);
    return (key) => new Experiment(handle, version, { key, ...NOTHING }, UNKNOWN, asker);
}
