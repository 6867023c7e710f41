import { type Attributes, type Document, type Instant } from './document';
import type { SegmentDocument } from './engine';
/** SQL dialects a rule can be written in. */
export type Dialect = 'duckdb' | 'postgres' | 'bigquery' | 'snowflake' | 'spark';
/** Operators of the rule language. */
export type Operator = 'eq' | 'ne' | 'in' | 'not_in' | 'lt' | 'lte' | 'gt' | 'gte' | 'between' | 'is_missing' | 'is_present' | 'starts_with' | 'ends_with' | 'contains' | 'has' | 'has_any' | 'has_all' | 'within_days';
/** A rule as a JSON document, its canonical form. */
export type RuleDocument = {
    readonly all: readonly RuleDocument[];
} | {
    readonly any: readonly RuleDocument[];
} | {
    readonly not: RuleDocument;
} | {
    readonly segment: string;
} | {
    readonly attr: string;
    readonly op: Operator;
    readonly value?: boolean | number | string | readonly (boolean | number | string)[];
};
/** What is known about attributes, by name. */
export type AttributeSchema = Readonly<Record<string, {
    readonly type: 'boolean' | 'number' | 'string' | 'timestamp' | 'string_list';
    /** Name in sentences. */
    readonly label?: string;
    /** How a sentence says a comparison: `bought at least {n} times`. */
    readonly phrase?: string;
    /** Whether the storefront's cache holds it. */
    readonly assignable?: boolean;
    /** Source column, when it is not the name. */
    readonly column?: string;
}>>;
/** What kind of thing a simplification finds. */
export type FindingKind = 'contradiction' | 'always_true' | 'true_when_known' | 'redundant' | 'implied' | 'merged';
/** One thing that a rule says in vain, or says twice. */
export interface Finding {
    readonly kind: FindingKind;
    /** Path in the rule as written: `all[1].any[0]`; empty for the rule itself. */
    readonly path: string;
    /** The part it is about: conditions in canonical form, in the order in which the sentence names them. */
    readonly rule: RuleDocument;
    /** The sentence a person reads. */
    readonly message: string;
}
/** What {@link Rule.simplify} gives. */
export interface Simplified {
    /** The rule, canonical; true, false and unknown for the same visitors. */
    readonly rule: Rule;
    /** What was found, in the order of the paths. */
    readonly findings: readonly Finding[];
}
/** Options of {@link Rule.toSQL}. */
export interface SqlOptions {
    /** Alias of the table, put before every column. */
    readonly alias?: string;
    /** The instant that `within_days` counts from; required by rules that use it. */
    readonly now?: Instant;
    /** Types and source columns of the attributes. */
    readonly schema?: AttributeSchema;
}
/**
 * A segment rule: one definition, evaluated here, rendered as SQL and as a sentence, and the three agree on every row.
 *
 * @example
 * ```ts
 * import { Rule } from 'stoa-node'
 * const rule = Rule.parse("orders_count >= 2 AND country IN ('CA', 'US')")
 * rule.matches({ orders_count: 3, country: 'CA' }) // true
 * // The country is not known:
 * rule.evaluate({ orders_count: 3 }) // null
 * ```
 */
export declare class Rule {
    #private;
    private constructor();
    /**
     * Reads a rule written as an SQL condition.
     *
     * @throws {@link StoaError} `unsupported_sql` with line and column.
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').toJSON() // { attr: 'orders_count', op: 'gte', value: 2 }
     * ```
     */
    static parse(sql: string): Rule;
    /**
     * Reads a rule document: an object, or its JSON as text or bytes.
     *
     * @throws {@link StoaError} with all problems.
     * @example
     * ```ts
     * Rule.fromJSON({ attr: 'tags', op: 'has', value: 'course' }).attributes() // ['tags']
     * ```
     */
    static fromJSON(document: RuleDocument | Rule | string | Uint8Array): Rule;
    /**
     * Reads a GrowthBook targeting condition, an object or its JSON as text or bytes: true for exactly the same visitors.
     * A schema says the attributes' types; without one they are those of the values compared.
     *
     * @throws {@link StoaError} `unsupported` for what a rule cannot say exactly, with all problems.
     * @example
     * ```ts
     * Rule.fromGrowthbook({ country: { $ne: 'US' } }).matches({}) // true
     * ```
     */
    static fromGrowthbook(condition: Document, schema?: AttributeSchema): Rule;
    /**
     * Whether the rule is true of a visitor; unknown counts as no, as in `WHERE`.
     *
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').matches({ orders_count: 3 }) // true
     * ```
     */
    matches(attributes: Attributes, options?: {
        readonly now?: Instant;
    }): boolean;
    /**
     * Whether the rule is true, false or unknown (`null`) of a visitor. `now` is what `within_days` counts from; without
     * it such a comparison is unknown.
     *
     * @throws {@link StoaError} `invalid_document` when the attributes are no JSON object.
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').evaluate({}) // null
     * ```
     */
    evaluate(attributes: Attributes, options?: {
        readonly now?: Instant;
    }): boolean | null;
    /**
     * The rule as a condition for `WHERE`; identifiers are quoted and literals escaped.
     *
     * @throws {@link StoaError} `out_of_range` for a name the dialect cannot hold, `missing_field` for `within_days` without `now`.
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').toSQL('duckdb', { alias: 'v' }) // '"v"."orders_count" >= 2'
     * ```
     */
    toSQL(dialect: Dialect, options?: SqlOptions): string;
    /**
     * The rule as a person would say it; a schema brings labels and phrases.
     *
     * @example
     * ```ts
     * const schema = { orders_count: { type: 'number', phrase: 'bought at least {n} times' } } as const
     * Rule.parse('orders_count >= 2').describe(schema) // 'bought at least 2 times'
     * ```
     */
    describe(schema?: AttributeSchema): string;
    /**
     * Checks names and types against a schema.
     *
     * @throws {@link StoaError} with all problems.
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').check({ orders_count: { type: 'number' } })
     * ```
     */
    check(schema: AttributeSchema): void;
    /**
     * The attributes that the storefront's cache does not hold; none means that the rule is targetable.
     *
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').missingFor({ orders_count: { type: 'number', assignable: true } }) // []
     * ```
     */
    missingFor(schema: AttributeSchema): string[];
    /**
     * Names of the attributes it reads.
     *
     * @example
     * ```ts
     * Rule.parse("a = 1 AND b = 'x'").attributes() // ['a', 'b']
     * ```
     */
    attributes(): string[];
    /**
     * Keys of the segments it names.
     *
     * @example
     * ```ts
     * Rule.fromJSON({ segment: 'repeat_na' }).segments() // ['repeat_na']
     * ```
     */
    segments(): string[];
    /**
     * The same rule with every segment it names written out, as `evaluate` and `toSQL` need it.
     *
     * @throws {@link StoaError} `unknown_name` for a segment that is not among them, `cycle`, `too_large`.
     * @example
     * ```ts
     * const big = { key: 'big', rule: { attr: 'spend', op: 'gt', value: 100 } } as const
     * Rule.parse("segment('big') AND vip").expand([big]).matches({ spend: 250, vip: true }) // true
     * ```
     */
    expand(segments: readonly SegmentDocument[]): Rule;
    /**
     * The one form that all ways of writing the rule share: equal forms, equal meaning.
     *
     * @example
     * ```ts
     * const written = Rule.parse('NOT (n < 2 OR n IS NULL)')
     * written.canonical().equals(Rule.parse('n IS NOT NULL AND n >= 2').canonical()) // true
     * ```
     */
    canonical(): Rule;
    /**
     * The rule that gives the same answers in fewer words, and what was found on the way.
     *
     * @example
     * ```ts
     * const { rule, findings } = Rule.parse('n >= 2 AND n >= 5').simplify()
     * rule.describe() // 'n is at least 5'
     * findings.map(({ kind, path }) => [kind, path]) // [['redundant', 'all[0]']]
     * ```
     */
    simplify(): Simplified;
    /**
     * Whether both are the same rule, written the same way.
     *
     * @example
     * ```ts
     * Rule.parse('a >= 2').equals(Rule.fromJSON({ attr: 'a', op: 'gte', value: 2 })) // true
     * ```
     */
    equals(other: Rule): boolean;
    /**
     * The canonical document; `JSON.stringify(rule)` uses it.
     *
     * @example
     * ```ts
     * JSON.stringify({ targeting: Rule.parse('vip') }) // '{"targeting":{"attr":"vip","op":"eq","value":true}}'
     * ```
     */
    toJSON(): RuleDocument;
    /**
     * SHA-256 of the canonical JSON, in hex: what cached memberships are stored with.
     *
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').hash().length // 64
     * ```
     */
    hash(): string;
}
/**
 * The JSON Schema of a rule, for editors and forms.
 *
 * @example
 * ```ts
 * import { ruleJsonSchema } from 'stoa-node'
 * ruleJsonSchema().title // 'Rule'
 * ```
 */
export declare const ruleJsonSchema: () => Readonly<Record<string, unknown>>;
/**
 * The JSON Schema of a segment, for editors and forms.
 *
 * @example
 * ```ts
 * import { segmentJsonSchema } from 'stoa-node'
 * segmentJsonSchema().required // ['key', 'rule']
 * ```
 */
export declare const segmentJsonSchema: () => Readonly<Record<string, unknown>>;
/**
 * The JSON Schema of what is known about attributes, for editors and forms.
 *
 * @example
 * ```ts
 * import { attributesJsonSchema } from 'stoa-node'
 * attributesJsonSchema().title // 'AttributeSchema'
 * ```
 */
export declare const attributesJsonSchema: () => Readonly<Record<string, unknown>>;
