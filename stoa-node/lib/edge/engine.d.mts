import type { Attributes } from '../document.js';
import type { DecideOptions, Decision, ExperimentKey, Variant } from '../decision.js';
import type { Problem } from '../error.js';
import { type Outcome } from './checks.mjs';
import { type EdgePlan } from './plan.mjs';
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
export declare class EdgeEngine {
    #private;
    /** The bundle's content hash, which every decision carries. */
    readonly version: string;
    /** What could not be loaded; empty when everything serves. */
    readonly problems: readonly Problem[];
    /** The attributes that targeting reads. */
    readonly attributes: readonly string[];
    /**
     * Takes a plan, as an object or as JSON text. An experiment that hashes in a way only the native engine has answers
     * `load_error` and is named in `problems`.
     *
     * @throws An `Error` with `code` `unsupported` for a plan of another layout.
     */
    constructor(plan: EdgePlan | string);
    /**
     * Decides one experiment; attributes are an object, its JSON as text or bytes, the cache's document, or nothing.
     *
     * @example
     * ```ts
     * edge.decide('free_shipping', 'visitor-1', '{"orders_count": ').reason // 'bad_attributes'
     * ```
     */
    decide<K extends ExperimentKey>(experiment: K, visitorId: unknown, attributes?: Attributes, options?: DecideOptions): Decision<K>;
    /**
     * Decides every experiment, in the bundle's order, and leaves out those that are not running for this visitor.
     *
     * @example
     * ```ts
     * edge.assign('visitor-1', { orders_count: 3, country: 'US' }).map((d) => d.experiment) // ['free_shipping']
     * ```
     */
    assign(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): readonly Decision<ExperimentKey>[];
    /**
     * One experiment, bound to this engine. An unknown key answers `unknown_experiment`.
     *
     * @example
     * ```ts
     * edge.experiment('free_shipping').variantIndex('visitor-1', {}) // -1
     * ```
     */
    experiment<K extends ExperimentKey>(key: K): EdgeExperiment<K>;
    /**
     * What to keep for the next request: the text before, and the variants that sticky experiments assigned.
     *
     * @example
     * ```ts
     * edge.remember('', edge.assign('visitor-1', { orders_count: 3, country: 'CA' })) // ''
     * ```
     */
    remember(memory: string | undefined, decisions: readonly Decision[]): string;
}
/** One experiment of an {@link EdgeEngine}: variants are frozen once, and the same outcome is the same decision. */
export declare class EdgeExperiment<K = string> {
    #private;
    /** Its key. */
    readonly key: K;
    /** Its variants, control first; frozen. */
    readonly variants: readonly Variant<K>[];
    /** @internal */
    constructor(key: K, variants: readonly Variant<K>[], outcome: (visitorId: unknown, attributes?: Attributes, options?: DecideOptions) => Outcome, describe: (outcome: Outcome) => Decision, chosen: (outcome: Outcome) => boolean);
    /** Decides for one visitor, as {@link EdgeEngine.decide}. */
    decide(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): Decision<K>;
    /** Index in `variants` of the variant a visitor takes part with (assigned, forced or shipped), −1 when in none. */
    variantIndex(visitorId: unknown, attributes?: Attributes, options?: DecideOptions): number;
    /** @internal The frozen decision of an outcome. */
    decision(outcome: Outcome): Decision;
}
