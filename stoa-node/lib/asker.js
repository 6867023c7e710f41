"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Asker = void 0;
const document_1 = require("./document");
const error_1 = require("./error");
const { hasOwn } = Object;
/**
 * Asks one question about one visitor after the other: by one native function when attributes are a document, by another
 * when each is an argument. Of an object, only the attributes that matter are looked at.
 */
class Asker {
    #document;
    #placed;
    #names;
    #needsNow;
    #lead;
    /** Whether calls are as short as can be: nothing goes before the id, few attributes after it, no time. */
    #short;
    constructor(document, placed, reads, ...lead) {
        this.#document = document;
        this.#placed = placed;
        this.#names = reads.attributes;
        this.#needsNow = reads.needs_now;
        this.#lead = lead;
        this.#short = lead.length === 0 && reads.attributes.length <= 2 && !reads.needs_now;
    }
    ask(visitorId, attributes, options) {
        if (!this.#short || options !== undefined)
            return this.#askAtLength(visitorId, attributes, options);
        if (!isRecord(attributes))
            return this.#document(visitorId, attributes);
        const first = look(attributes, this.#names[0]);
        const second = look(attributes, this.#names[1]);
        if (first === UNLIKE || second === UNLIKE || isUnlike(attributes)) {
            return this.#document(visitorId, (0, document_1.attributesText)(attributes));
        }
        return this.#placed(visitorId, first, second);
    }
    #askAtLength(visitorId, attributes, options) {
        const given = [...this.#lead, visitorId];
        const values = this.#values(attributes);
        given.push(...(values ?? [(0, document_1.attributesText)(attributes)]));
        if (options !== undefined || this.#needsNow)
            given.push((0, document_1.instant)(options?.now) ?? Date.now(), options?.memory);
        return (0, error_1.call)(() => (values ? this.#placed(...given) : this.#document(...given)));
    }
    /** A document of what {@link Asker.ask} looks at. */
    document(attributes) {
        const values = this.#values(attributes);
        return (0, document_1.attributesText)(values ? Object.fromEntries(this.#names.map((name, i) => [name, values[i]])) : attributes);
    }
    #values(attributes) {
        if (!isRecord(attributes) || isUnlike(attributes))
            return undefined;
        const values = this.#names.map((name) => look(attributes, name));
        return values.includes(UNLIKE) ? undefined : values;
    }
}
exports.Asker = Asker;
/** Stands for a value that only JSON tells: a list, a date, whatever writes its own JSON or throws. */
const UNLIKE = Symbol('unlike');
// A proxy may throw at any question; then it is an object, and unlike attributes.
function isRecord(attributes) {
    try {
        return typeof attributes === 'object' && attributes !== null && !ArrayBuffer.isView(attributes);
    }
    catch {
        return true;
    }
}
/** Whether the object as a whole is something else than attributes: a cache's document, an array, a Map, its own JSON. */
function isUnlike(attributes) {
    try {
        if (look(attributes, 'a') === UNLIKE || Array.isArray(attributes) || attributes instanceof Map)
            return true;
        return attributes['toJSON'] !== undefined;
    }
    catch {
        return true;
    }
}
/** The own property of that name as JSON would have it, if a number, text, truth or nothing. */
function look(attributes, name) {
    if (name === undefined)
        return undefined;
    try {
        const value = hasOwn(attributes, name) ? attributes[name] : undefined;
        const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
        return scalar || value === undefined || value === null ? value : UNLIKE;
    }
    catch {
        return UNLIKE;
    }
}
