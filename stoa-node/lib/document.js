"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.documentText = documentText;
exports.optionalText = optionalText;
exports.attributesText = attributesText;
exports.instant = instant;
// What crosses into the engine: documents and visitors become JSON text, here and nowhere else.
const error_1 = require("./error");
/** Text of a document; `field` names it in errors. */
function documentText(field, document) {
    if (typeof document === 'string')
        return document;
    if (document instanceof Uint8Array)
        return decode(field, document);
    if (typeof document !== 'object' || document === null) {
        throw (0, error_1.refuse)('wrong_type', field, 'must be text, bytes or an object', document);
    }
    let finite = true;
    const text = stringify(field, document, (_, value) => {
        finite &&= typeof value !== 'number' || Number.isFinite(value);
        return value;
    });
    // JSON has no NaN: it would cross as null and be refused under another name.
    if (!finite)
        throw notFinite(field, document);
    return text;
}
/** Text of an optional document. */
function optionalText(field, document) {
    return document === undefined ? undefined : documentText(field, document);
}
/** JSON of a visitor; what cannot be written as JSON becomes empty text, which no reader takes for attributes. */
function attributesText(attributes) {
    if (attributes === undefined || attributes === null)
        return undefined;
    if (typeof attributes === 'string' || attributes instanceof Uint8Array)
        return attributes;
    try {
        return wellFormed(JSON.stringify(attributes) ?? '');
    }
    catch {
        return '';
    }
}
/** An instant as the engine takes it: milliseconds or text. */
function instant(now) {
    if (!(now instanceof Date))
        return now;
    const millis = now.getTime();
    if (Number.isNaN(millis))
        throw (0, error_1.refuse)('out_of_range', 'now', 'must be a valid date', now);
    return millis;
}
function decode(field, bytes) {
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    }
    catch {
        throw (0, error_1.refuse)('invalid_document', field, 'must be UTF-8', `${bytes.length} bytes`);
    }
}
function stringify(field, document, replacer) {
    try {
        return wellFormed(JSON.stringify(document, replacer));
    }
    catch (error) {
        throw (0, error_1.refuse)('wrong_type', field, 'must be writable as JSON', error.message);
    }
}
// JSON.stringify escapes exactly the lone surrogates; they become U+FFFD, as UTF-8 encoders have it.
function wellFormed(json) {
    if (!json.includes('\\ud'))
        return json;
    return json.replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/g, (escape) => (escape === '\\\\' ? escape : '\ufffd'));
}
function notFinite(field, document) {
    const [path, value] = findNotFinite(field, document) ?? [field, Number.NaN];
    return (0, error_1.refuse)('not_finite', path, 'must be finite', value);
}
function findNotFinite(path, value) {
    if (typeof value === 'number')
        return Number.isFinite(value) ? undefined : [path, value];
    if (typeof value !== 'object' || value === null)
        return undefined;
    for (const [key, item] of Object.entries(value)) {
        const found = findNotFinite(Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, item);
        if (found)
            return found;
    }
    return undefined;
}
