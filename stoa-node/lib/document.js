"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.documentText = documentText;
exports.contractText = contractText;
exports.optional = optional;
exports.attributesText = attributesText;
exports.knownAttributes = knownAttributes;
exports.text = text;
exports.instant = instant;
// What crosses into the engine: documents and visitors become JSON text, here and nowhere else.
const error_1 = require("./error");
/**
 * Text of a document; `field` names it in errors. JSON has no NaN, which would cross as null and be refused under another
 * name: it is refused here, with `prefix` before its path.
 */
function documentText(field, document, prefix = field) {
    let finite = true;
    const text = jsonText(field, document, (_, value) => {
        finite &&= typeof value !== 'number' || Number.isFinite(value);
        return value;
    });
    if (!finite)
        throw notFinite(prefix, document);
    return text;
}
/** Text of a document whose readers know NaN by its spelling, and list it among its problems. */
function contractText(field, document) {
    return jsonText(field, document, (_, value) => typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
}
/** Runs `write` unless there is no document. */
function optional(write, field, document) {
    return document === undefined ? undefined : write(field, document);
}
/** JSON of a visitor; what cannot be written as JSON becomes empty text, which no reader takes for attributes. */
function attributesText(attributes) {
    try {
        return knownAttributes(attributes);
    }
    catch {
        return '';
    }
}
/** JSON of a visitor, refused where it cannot be written. */
function knownAttributes(attributes) {
    if (attributes === undefined || attributes === null)
        return undefined;
    if (typeof attributes === 'string' || ArrayBuffer.isView(attributes))
        return attributes;
    const flat = attributes instanceof Map ? Object.fromEntries(attributes) : attributes;
    return wellFormed(stringified(flat) ?? '');
}
/** Text given as `field`; anything else is refused under that name. */
function text(field, given) {
    if (typeof given !== 'string')
        throw (0, error_1.refuse)('wrong_type', field, 'must be text', given);
    return given;
}
/** An instant as the engine takes it: milliseconds or text. */
function instant(now) {
    if (now === undefined || now === null)
        return undefined;
    if (typeof now === 'string')
        return now;
    if (!(now instanceof Date))
        throw (0, error_1.refuse)('wrong_type', 'now', 'must be a Date or RFC 3339 text', now);
    const millis = now.getTime();
    if (Number.isNaN(millis))
        throw (0, error_1.refuse)('out_of_range', 'now', 'must be a valid date', now);
    return millis;
}
// A whole number written as a BigInt is a number, as databases hand one over; JSON.stringify alone refuses it.
function stringified(attributes) {
    try {
        return JSON.stringify(attributes);
    }
    catch {
        return withBigInts(attributes);
    }
}
function withBigInts(attributes) {
    try {
        return JSON.stringify(attributes, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
    }
    catch (error) {
        throw (0, error_1.refuse)('invalid_document', 'attributes', 'must be writable as JSON', reasonOf(error));
    }
}
function reasonOf(error) {
    const reason = error instanceof Error ? error.message : String(error);
    return reason.split('\n', 1)[0] ?? '';
}
function decode(field, bytes) {
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    }
    catch {
        throw (0, error_1.refuse)('invalid_document', field, 'must be UTF-8', `${bytes.length} bytes`);
    }
}
function jsonText(field, document, replacer) {
    if (typeof document === 'string')
        return document;
    if (document instanceof Uint8Array)
        return decode(field, document);
    if (typeof document !== 'object' || document === null) {
        throw (0, error_1.refuse)('wrong_type', field, 'must be text, bytes or an object', document);
    }
    try {
        return wellFormed(JSON.stringify(document, replacer));
    }
    catch (error) {
        throw (0, error_1.refuse)('wrong_type', field, 'must be writable as JSON', reasonOf(error));
    }
}
// JSON.stringify escapes exactly the lone surrogates; they become U+FFFD, as UTF-8 encoders have it.
function wellFormed(json) {
    if (!json.includes('\\ud'))
        return json;
    return json.replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/g, (escape) => (escape === '\\\\' ? escape : '\ufffd'));
}
function notFinite(prefix, document) {
    const [path, value] = findNotFinite(prefix, document) ?? [prefix, Number.NaN];
    return (0, error_1.refuse)('not_finite', path, 'must be a finite number', value);
}
function findNotFinite(path, value) {
    if (typeof value === 'number')
        return Number.isFinite(value) ? undefined : [path, value];
    if (typeof value !== 'object' || value === null)
        return undefined;
    for (const [key, item] of Object.entries(value)) {
        const name = path === '' ? key : `${path}.${key}`;
        const found = findNotFinite(Array.isArray(value) ? `${path}[${key}]` : name, item);
        if (found)
            return found;
    }
    return undefined;
}
