"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.SignedCookie = void 0;
// What the server lets a browser keep and must be able to trust again: signed by React Router's createCookie
// (HMAC-SHA-256, compared in constant time), dated here.
const react_router_1 = require("react-router");
const error_1 = require("./error");
/** Characters of a key that nobody guesses. */
const MIN_SECRET = 32;
/** Browsers keep no longer cookie, so a longer one was not set here. */
const MAX_COOKIE = 4096;
/** A cookie with a key of its own, made from the shop's secret: one purpose's text says nothing to another. */
class SignedCookie {
    name;
    #cookie;
    constructor(name, secret, domain) {
        this.name = name;
        const secrets = keysOf(secret).map((key) => `${name}:${key}`);
        const options = { secrets, httpOnly: true, sameSite: 'lax', path: '/' };
        this.#cookie = (0, react_router_1.createCookie)(name, domain === undefined ? options : { ...options, domain });
    }
    /** Opens the signed text that a cookie or a parameter carried. Never throws. */
    async open(text) {
        if (!text)
            return { refused: 'absent' };
        if (text.length > MAX_COOKIE)
            return { refused: 'tampered' };
        const value = encodeURIComponent(text.toWellFormed());
        const content = await this.#cookie.parse(`${this.name}=${value}`);
        return typeof content === 'object' && content !== null ? { content } : { refused: 'tampered' };
    }
    /** The `Set-Cookie` header of some content; undefined when no browser would keep it. */
    async seal(content, secure, maxAge) {
        const header = await this.#cookie.serialize(content, { secure, maxAge });
        return header.length > MAX_COOKIE ? undefined : header;
    }
    /** The `Set-Cookie` header that ends it. */
    end(secure) {
        return this.#cookie.serialize('', { secure, maxAge: 0 });
    }
}
exports.SignedCookie = SignedCookie;
// Without a key nothing would be signed, and whatever a browser sends would be trusted.
function keysOf(secret) {
    const keys = [secret].flat();
    if (keys.length === 0)
        throw (0, error_1.refuse)('out_of_range', 'secret', 'must have a key', 'none');
    for (const key of keys) {
        if (typeof key !== 'string' || key.length < MIN_SECRET) {
            const found = typeof key === 'string' ? `${key.length} characters` : typeof key;
            throw (0, error_1.refuse)('out_of_range', 'secret', `must have at least ${MIN_SECRET} characters`, found);
        }
    }
    return keys;
}
