"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Keys = void 0;
exports.isId = isId;
exports.readPointer = readPointer;
exports.jsonObject = jsonObject;
// Where a visitor's attributes lie in Redis (DESIGN §9), and which visitors can have any.
const node_buffer_1 = require("node:buffer");
const error_1 = require("./error");
const options_1 = require("./options");
// No colon: a namespace or a generation cannot reach into another's keys, nor a visitor's id out of its own.
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** The keys of one shop. */
class Keys {
    /** Key of the pointer to the generations. */
    pointer;
    #attributes;
    constructor(namespace) {
        if (typeof namespace !== 'string' || !NAME.test(namespace)) {
            throw (0, error_1.refuse)('out_of_range', 'namespace', 'must be 1 to 64 of the letters A-Z and a-z, digits, _, . and -', namespace);
        }
        this.pointer = `stoa:${namespace}:current`;
        this.#attributes = `stoa:${namespace}:attr:`;
    }
    /** Keys of a visitor's documents, the current generation's first. The id stands last, as it is. */
    visitor(id, { current, previous }) {
        const named = previous === undefined ? [current] : [current, previous];
        return named.map((generation) => `${this.#attributes}${generation}:${id}`);
    }
}
exports.Keys = Keys;
/** Whether a key can be made of an id: text that UTF-8 can say, so that no two ids share a key, no longer than the engine takes. */
function isId(id) {
    return typeof id === 'string' && id !== '' && id.isWellFormed() && Buffer.byteLength(id) <= options_1.MAX_ID_BYTES;
}
/** Reads the pointer, `{"current": "…", "previous": "…" or null}`; undefined when it is none. */
function readPointer(text) {
    const { current, previous = null } = jsonObject(text) ?? {};
    if (!isName(current) || !(previous === null || isName(previous)))
        return undefined;
    return { current, previous: previous ?? undefined };
}
/** The JSON object that bytes are; undefined when they are no UTF-8, no JSON or no object. */
function jsonObject(bytes) {
    if (!(0, node_buffer_1.isUtf8)(bytes))
        return undefined;
    try {
        const value = JSON.parse(bytes.toString());
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        return isObject ? value : undefined;
    }
    catch {
        return undefined;
    }
}
function isName(value) {
    return typeof value === 'string' && NAME.test(value);
}
