import { native } from './addon';
import { Asker, type Reads } from './asker';
import type { DecideOptions, Decision, Variant } from './decision';
import { type Attributes } from './document';
/** The addon's engine. */
export type Handle = InstanceType<typeof native.Engine>;
/** What the addon tells of an experiment. */
export interface Summary extends Reads {
    readonly key: string;
    readonly variants: readonly Variant[];
}
/** Attributes of many visitors: an object each, or a JSON array of them. */
export type BatchAttributes = readonly (object | null)[] | string | Uint8Array;
/** A function of {@link Experiment.positional}. */
export type Positional = (visitorId: unknown, ...values: (string | number | boolean | null | undefined)[]) => number;
/**
 * One experiment of an engine: variants and decisions are frozen once, a decision is an index.
 *
 * @example
 * ```ts
 * const { variants } = engine.experiment('free_shipping')
 * variants.map((variant) => variant.key) // ['A', 'B']
 * ```
 */
export declare class Experiment<K extends string = string> {
    #private;
    /** Its key. */
    readonly key: K;
    /** Its variants, control first; frozen. */
    readonly variants: readonly Variant<K>[];
    /** @internal */
    readonly index: number;
    /** @internal */
    constructor(handle: Handle, version: string, summary: Summary, index: number, asker?: Asker);
    /**
     * Decides for one visitor, as {@link Engine.decide}.
     *
     * @example
     * ```ts
     * engine.experiment('free_shipping').decide('visitor-1', {}).variant // 'A'
     * ```
     */
    decide(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): Decision<K>;
    /**
     * Index in `variants` of the variant a visitor takes part with (assigned, forced or shipped), −1 when in none.
     *
     * @example
     * ```ts
     * engine.experiment('free_shipping').variantIndex('visitor-1', { orders_count: 1, country: 'CA' }) // -1
     * ```
     */
    variantIndex(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): number;
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
    positional(...names: readonly string[]): Positional;
    /** @internal See {@link Engine.assignBatch}. */
    batch(visitorIds: readonly unknown[], attributes?: BatchAttributes, now?: DecideOptions['now']): Int8Array;
    /** @internal The frozen decision of a code of the addon. */
    decision(code: number): Decision<K>;
    /** @internal The code of a decision. */
    code({ variant, reason }: Decision): number;
}
/** Makes experiments that the bundle does not have. */
export declare function strangers(handle: Handle, version: string): (key: string) => Experiment;
