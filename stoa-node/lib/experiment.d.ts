import { type Document } from './document';
import { type Problem } from './error';
import type { RuleDocument } from './rule';
/** A place in the store that an experiment may change. */
export interface Surface {
    readonly key: string;
    readonly label: string;
    /** Where in the visit it is met. */
    readonly stage: 'arrive' | 'discover' | 'evaluate' | 'cart' | 'checkout' | 'post_purchase' | 'retain';
    /** Which capability it builds. */
    readonly layer: 'understand' | 'acquire_convert' | 'retain_grow' | 'measure_learn';
    /** Keys of the metrics it usually moves, the likeliest first. */
    readonly metrics: readonly string[];
    /** The mistake most often made when experimenting here. */
    readonly pitfall: string;
}
/** One metric, of the catalog or of a store. */
export interface Metric {
    readonly key: string;
    readonly label: string;
    /** What it says about the store. */
    readonly category: 'revenue' | 'engagement' | 'retention' | 'satisfaction';
    /** The model it is analysed with. */
    readonly family: Family;
    /** Which way is better. */
    readonly direction: 'higher' | 'lower';
    /** What it is per. */
    readonly denominator: 'visitor' | 'order' | 'respondent';
    /** Column that holds it. */
    readonly column: string;
    readonly description: string;
    /** Ordinal only: the possible answers, ascending. */
    readonly levels?: readonly number[];
    /** Ordinal only: what each level counts. */
    readonly scores?: readonly number[];
}
/** The statistical models. */
export type Family = 'binary' | 'positive' | 'hurdle' | 'ordinal' | 'count' | 'mean';
/** How visitors are hashed; another system's way only for a test that began there. */
export type HashScheme = 'sha256' | 'growthbook_v1' | 'growthbook_v2' | 'eppo';
/** The experiment contract as its author writes it; `experimentJsonSchema()` is the authority. */
export interface ExperimentDocument {
    readonly key: string;
    readonly surface: string;
    /** Control first. */
    readonly variants: readonly {
        readonly key: string;
        readonly weight?: number;
        readonly payload?: unknown;
    }[];
    readonly metrics: {
        readonly revenue: {
            readonly metric: string;
            readonly minimum_effect?: number;
        };
        readonly satisfaction: {
            readonly metric: string;
            readonly margin?: number;
            readonly proxy_reason?: string;
        };
        readonly guardrails?: readonly {
            readonly metric: string;
            readonly margin?: number;
        }[];
    };
    readonly schema_version?: number;
    readonly hypothesis?: string;
    readonly owner?: string;
    readonly status?: 'draft' | 'running' | 'paused' | 'stopped';
    readonly shipped?: string;
    readonly unit?: string;
    readonly salt?: string;
    readonly hash?: HashScheme;
    /** What another system's way of hashing needs beside salt, allocation and weights. */
    readonly buckets?: {
        /** Eppo: hashed to decide who takes part. */
        readonly traffic_salt?: string;
        /** Eppo: 10,000 when left out. */
        readonly total_shards?: number;
        /** What each variant owns, as shares, when weights and allocation do not say it. */
        readonly ranges?: readonly (readonly {
            readonly from: number;
            readonly to: number;
        }[])[];
    };
    /** Share of the targeted visitors that take part. */
    readonly allocation?: number;
    readonly targeting?: RuleDocument;
    readonly layer?: {
        readonly key: string;
        readonly from?: number;
        readonly to?: number;
    };
    readonly holdout?: string;
    readonly requires?: {
        readonly experiment: string;
        readonly variants: readonly string[];
    };
    /** Fixed variants by visitor id, not analysed. */
    readonly overrides?: Readonly<Record<string, string>>;
    readonly sticky?: boolean;
    readonly plan?: {
        readonly guarantee?: 'horizon' | 'anytime';
        readonly horizon_days?: number;
        readonly looks?: 'daily' | 'weekly';
        readonly visitors_per_day?: number;
        readonly alpha?: number;
        readonly loss_tolerance?: number;
        readonly typical_order_value?: number;
        readonly winsorize?: number;
    };
    /** Informative priors by metric key. */
    readonly prior?: Readonly<Record<string, object>>;
    readonly provenance?: Readonly<Record<string, unknown>>;
}
/** What the experiments of one store share. */
export interface StoreDocument {
    readonly schema_version?: number;
    readonly layers?: readonly {
        readonly key: string;
        readonly salt?: string;
        readonly hash?: HashScheme;
    }[];
    readonly holdouts?: readonly {
        readonly key: string;
        readonly salt?: string;
        readonly share: number;
    }[];
    readonly metrics?: readonly (Pick<Metric, 'key' | 'category' | 'family'> & Partial<Metric>)[];
}
/**
 * What a store has to experiment on and to measure: 18 surfaces, 11 metrics.
 *
 * @example
 * ```ts
 * import { catalog } from 'stoa-node'
 * catalog.surfaces().filter((surface) => surface.stage === 'cart').map((s) => s.key) // ['cart_page', 'shipping_offer', 'cross_sell']
 * catalog.metrics().length // 11
 * ```
 */
export declare const catalog: Readonly<{
    /** The surfaces, in the order a visitor meets them. */
    surfaces: () => readonly Surface[];
    /** The metrics, revenue first. */
    metrics: () => readonly Metric[];
}>;
/**
 * The JSON Schema of the experiment contract, for editors and forms.
 *
 * @example
 * ```ts
 * import { experimentJsonSchema } from 'stoa-node'
 * experimentJsonSchema().title // 'Experiment'
 * ```
 */
export declare const experimentJsonSchema: () => Readonly<Record<string, unknown>>;
/**
 * Everything that is wrong with an experiment written as an object, JSON or YAML 1.2; empty when nothing is.
 *
 * @example
 * ```ts
 * import { experimentProblems } from 'stoa-node'
 * experimentProblems('key: free_shipping')[0].message // 'surface is required, got nothing'
 * ```
 */
export declare function experimentProblems(document: Document, store?: Document): readonly Problem[];
/**
 * Reads a document written as JSON or YAML 1.2: `NO` stays text, and a field written twice is refused.
 *
 * @throws {@link StoaError} `invalid_document` with line and column, `duplicate`, `too_large`.
 * @example
 * ```ts
 * import { readDocument } from 'stoa-node'
 * readDocument('country: NO') // { country: 'NO' }
 * ```
 */
export declare function readDocument(text: string | Uint8Array): unknown;
/** Makes plain data at the first call, frozen. */
export declare function once<T extends object>(make: () => T): () => T;
/** Freezes plain data all the way down. */
export declare function deepFreeze<T>(value: T): T;
