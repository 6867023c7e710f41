"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.attributesJsonSchema = exports.segmentJsonSchema = exports.ruleJsonSchema = exports.Rule = void 0;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
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
class Rule {
    #native;
    constructor(handle) {
        if (!(handle instanceof addon_1.native.Rule))
            throw (0, error_1.refuse)('wrong_type', 'rule', 'must come from Rule.parse or Rule.fromJSON', handle);
        this.#native = handle;
    }
    /**
     * Reads a rule written as an SQL condition.
     *
     * @throws {@link StoaError} `unsupported_sql` with line and column.
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').toJSON() // { attr: 'orders_count', op: 'gte', value: 2 }
     * ```
     */
    static parse(sql) {
        const condition = (0, document_1.text)('sql', sql);
        return new Rule((0, error_1.call)(() => addon_1.native.Rule.parseSql(condition)));
    }
    /**
     * Reads a rule document: an object, or its JSON as text or bytes.
     *
     * @throws {@link StoaError} with all problems.
     * @example
     * ```ts
     * Rule.fromJSON({ attr: 'tags', op: 'has', value: 'course' }).attributes() // ['tags']
     * ```
     */
    static fromJSON(document) {
        const json = (0, document_1.documentText)('rule', document, '');
        return new Rule((0, error_1.call)(() => addon_1.native.Rule.fromJSON(json)));
    }
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
    static fromGrowthbook(condition, schema) {
        const json = (0, document_1.documentText)('condition', condition, '');
        const known = (0, document_1.optional)(document_1.documentText, 'schema', schema);
        return new Rule((0, error_1.call)(() => addon_1.native.Rule.fromGrowthbook(json, known)));
    }
    /**
     * Whether the rule is true of a visitor; unknown counts as no, as in `WHERE`.
     *
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').matches({ orders_count: 3 }) // true
     * ```
     */
    matches(attributes, options = {}) {
        return this.evaluate(attributes, options) === true;
    }
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
    evaluate(attributes, options = {}) {
        const now = (0, document_1.instant)(options?.now);
        const visitor = (0, document_1.knownAttributes)(attributes);
        return (0, error_1.call)(() => this.#native.evaluate(visitor, now));
    }
    /**
     * The rule as a condition for `WHERE`; identifiers are quoted and literals escaped.
     *
     * @throws {@link StoaError} `out_of_range` for a name the dialect cannot hold, `missing_field` for `within_days` without `now`.
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').toSQL('duckdb', { alias: 'v' }) // '"v"."orders_count" >= 2'
     * ```
     */
    toSQL(dialect, options = {}) {
        const now = (0, document_1.instant)(options?.now);
        const schema = (0, document_1.optional)(document_1.documentText, 'schema', options?.schema);
        const alias = options?.alias === undefined ? undefined : (0, document_1.text)('alias', options.alias);
        const target = (0, document_1.text)('dialect', dialect);
        return (0, error_1.call)(() => this.#native.toSQL(target, alias, now, schema));
    }
    /**
     * The rule as a person would say it; a schema brings labels and phrases.
     *
     * @example
     * ```ts
     * const schema = { orders_count: { type: 'number', phrase: 'bought at least {n} times' } } as const
     * Rule.parse('orders_count >= 2').describe(schema) // 'bought at least 2 times'
     * ```
     */
    describe(schema) {
        const known = (0, document_1.optional)(document_1.documentText, 'schema', schema);
        return (0, error_1.call)(() => this.#native.describe(known));
    }
    /**
     * Checks names and types against a schema.
     *
     * @throws {@link StoaError} with all problems.
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').check({ orders_count: { type: 'number' } })
     * ```
     */
    check(schema) {
        const known = (0, document_1.documentText)('schema', schema);
        (0, error_1.call)(() => this.#native.check(known));
    }
    /**
     * The attributes that the storefront's cache does not hold; none means that the rule is targetable.
     *
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').missingFor({ orders_count: { type: 'number', assignable: true } }) // []
     * ```
     */
    missingFor(schema) {
        const known = (0, document_1.documentText)('schema', schema);
        return (0, error_1.call)(() => this.#native.missingFor(known));
    }
    /**
     * Names of the attributes it reads.
     *
     * @example
     * ```ts
     * Rule.parse("a = 1 AND b = 'x'").attributes() // ['a', 'b']
     * ```
     */
    attributes() {
        return this.#native.attributes();
    }
    /**
     * Keys of the segments it names.
     *
     * @example
     * ```ts
     * Rule.fromJSON({ segment: 'repeat_na' }).segments() // ['repeat_na']
     * ```
     */
    segments() {
        return this.#native.segments();
    }
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
    expand(segments) {
        const documents = (0, document_1.documentText)('segments', segments);
        return new Rule((0, error_1.call)(() => this.#native.expand(documents)));
    }
    /**
     * The one form that all ways of writing the rule share: equal forms, equal meaning.
     *
     * @example
     * ```ts
     * const written = Rule.parse('NOT (n < 2 OR n IS NULL)')
     * written.canonical().equals(Rule.parse('n IS NOT NULL AND n >= 2').canonical()) // true
     * ```
     */
    canonical() {
        return new Rule(this.#native.canonical());
    }
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
    simplify() {
        const simple = this.#native.simplify();
        const findings = (0, experiment_1.deepFreeze)(JSON.parse((0, error_1.call)(() => simple.findings())));
        return Object.freeze({ rule: new Rule(simple.rule()), findings });
    }
    /**
     * Whether both are the same rule, written the same way.
     *
     * @example
     * ```ts
     * Rule.parse('a >= 2').equals(Rule.fromJSON({ attr: 'a', op: 'gte', value: 2 })) // true
     * ```
     */
    equals(other) {
        return other instanceof Rule && this.#native.toJSON() === other.#native.toJSON();
    }
    /**
     * The canonical document; `JSON.stringify(rule)` uses it.
     *
     * @example
     * ```ts
     * JSON.stringify({ targeting: Rule.parse('vip') }) // '{"targeting":{"attr":"vip","op":"eq","value":true}}'
     * ```
     */
    toJSON() {
        return JSON.parse(this.#native.toJSON());
    }
    /**
     * SHA-256 of the canonical JSON, in hex: what cached memberships are stored with.
     *
     * @example
     * ```ts
     * Rule.parse('orders_count >= 2').hash().length // 64
     * ```
     */
    hash() {
        return this.#native.hash();
    }
}
exports.Rule = Rule;
/**
 * The JSON Schema of a rule, for editors and forms.
 *
 * @example
 * ```ts
 * import { ruleJsonSchema } from 'stoa-node'
 * ruleJsonSchema().title // 'Rule'
 * ```
 */
exports.ruleJsonSchema = (0, experiment_1.once)(() => JSON.parse(addon_1.native.ruleJsonSchema()));
/**
 * The JSON Schema of a segment, for editors and forms.
 *
 * @example
 * ```ts
 * import { segmentJsonSchema } from 'stoa-node'
 * segmentJsonSchema().required // ['key', 'rule']
 * ```
 */
exports.segmentJsonSchema = (0, experiment_1.once)(() => JSON.parse(addon_1.native.segmentJsonSchema()));
/**
 * The JSON Schema of what is known about attributes, for editors and forms.
 *
 * @example
 * ```ts
 * import { attributesJsonSchema } from 'stoa-node'
 * attributesJsonSchema().title // 'AttributeSchema'
 * ```
 */
exports.attributesJsonSchema = (0, experiment_1.once)(() => JSON.parse(addon_1.native.attributesJsonSchema()));
