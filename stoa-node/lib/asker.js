"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Asker = void 0;
// A visitor's way to the addon: ids, attributes and options become the arguments of a native function.
const document_1 = require("./document");
const error_1 = require("./error");
const { hasOwn } = Object;
/** The two native functions that ask the same question: attributes as one document, or one argument each. */
class Asker {
    #document;
    #placed;
    #names;
    #needsNow;
    #lead;
    constructor(document, placed, reads, ...lead) {
        this.#document = document;
        this.#placed = placed;
        this.#names = reads.attributes;
        this.#needsNow = reads.needs_now;
        this.#lead = lead;
    }
    /** The answer about one visitor. Of an object, only the attributes that matter are looked at. */
    ask(visitorId, attributes, options) {
        if (options !== undefined || this.#needsNow)
            return this.#askAt(visitorId, attributes, options);
        if (typeof attributes !== 'object' || attributes === null || attributes instanceof Uint8Array) {
            return this.#document(...this.#lead, visitorId, attributes);
        }
        const values = this.#values(attributes);
        return values === undefined
            ? this.#document(...this.#lead, visitorId, (0, document_1.attributesText)(attributes))
            : this.#placed(...this.#lead, visitorId, ...values);
    }
    #askAt(visitorId, attributes, options) {
        const time = [(0, document_1.instant)(options?.now) ?? Date.now(), options?.memory];
        const values = typeof attributes === 'object' && attributes !== null ? this.#values(attributes) : undefined;
        return values === undefined
            ? (0, error_1.call)(() => this.#document(...this.#lead, visitorId, (0, document_1.attributesText)(attributes), ...time))
            : (0, error_1.call)(() => this.#placed(...this.#lead, visitorId, ...values, ...time));
    }
    /**
     * The attributes that matter, in order; undefined when only JSON tells what they are: a cache's document, an array, a
     * list, a date, whatever writes its own JSON.
     */
    #values(attributes) {
        if (attributes instanceof Uint8Array || Array.isArray(attributes))
            return undefined;
        return plain(attributes, this.#names);
    }
}
exports.Asker = Asker;
function plain(attributes, names) {
    try {
        if (typeof attributes['a'] === 'object' || typeof attributes['toJSON'] === 'function')
            return undefined;
        const values = [];
        for (const name of names) {
            const value = hasOwn(attributes, name) ? attributes[name] : undefined;
            if (!isScalar(value))
                return undefined;
            values.push(value);
        }
        return values;
    }
    catch {
        return undefined;
    }
}
function isScalar(value) {
    switch (typeof value) {
        case 'string':
        case 'number':
        case 'boolean':
        case 'undefined':
            return true;
        default:
            return value === null;
    }
}
