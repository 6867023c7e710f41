import { type Document, type Instant } from './document';
import { type Problem } from './error';
import { type ExperimentDocument, type StoreDocument } from './experiment';
import type { AttributeSchema } from './rule';
/** What a document needs and the other system does not say. */
export interface MigrateOptions {
    /** Catalog key of the place that the tests change. */
    readonly surface: string;
    readonly metrics: ExperimentDocument['metrics'];
    /** The store that the tests join. */
    readonly store?: StoreDocument | string | Uint8Array;
    /** Types of the visitors' attributes; without it they are those of the values compared. */
    readonly schema?: AttributeSchema;
}
/** Tests that moved, and everything that did not. */
export interface Migration {
    /** One checked document for each test, running. */
    readonly experiments: readonly ExperimentDocument[];
    /** The store, with a layer for each space that the tests share out. */
    readonly store: StoreDocument;
    /** Why a test has no document; `field` is the path in the source. */
    readonly refused: readonly Problem[];
    /** What a document leaves to its reader; none of it changes a variant. */
    readonly notes: readonly {
        readonly field: string;
        readonly message: string;
    }[];
}
/**
 * The running tests of a GrowthBook SDK payload, each with the seed and buckets it has there.
 *
 * @throws {@link StoaError} for what is wrong with the payload as a whole, surface, metrics or store.
 * @example
 * ```ts
 * import { Engine, fromGrowthbook } from 'stoa-node'
 * const rule = { key: 'free-shipping', hashVersion: 2, coverage: 0.4, variations: ['none', 'from 50'] }
 * const metrics = { revenue: { metric: 'revenue_per_visitor' }, satisfaction: { metric: 'csat' } }
 * const payload = { features: { shipping: { defaultValue: 'none', rules: [rule] } } }
 * const { experiments, store } = fromGrowthbook(payload, { surface: 'shipping_offer', metrics })
 * Engine.fromDocuments({ experiments, store }).decide('free-shipping', 'visitor-2').payload // 'from 50'
 * ```
 */
export declare function fromGrowthbook(payload: Document, options: MigrateOptions): Migration;
/**
 * The running tests of Eppo's flag configuration, each with the salts and shards it has there; `now` is the instant of
 * the move, where an allocation starts or ends at one.
 *
 * @throws {@link StoaError} for what is wrong with the configuration as a whole, surface, metrics or store.
 * @example
 * ```ts
 * import { fromEppo } from 'stoa-node'
 * const metrics = { revenue: { metric: 'revenue_per_visitor' }, satisfaction: { metric: 'csat' } }
 * const flag = { key: 'banner', enabled: false, variations: {}, allocations: [], totalShards: 10000 }
 * fromEppo({ flags: { banner: flag } }, { surface: 'promo_banner', metrics }).notes[0].message // 'is not enabled, and not carried'
 * ```
 */
export declare function fromEppo(config: Document, options: MigrateOptions & {
    readonly now?: Instant;
}): Migration;
