"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.DAY = exports.COOKIE_DAYS = void 0;
exports.visitorId = visitorId;
exports.cookies = cookies;
exports.isSecure = isSecure;
exports.isPrefetch = isPrefetch;
exports.isProgram = isProgram;
// The cookie that says which visitor asks, and what else a request says about who asks: program, prefetch, scheme.
const node_crypto_1 = require("node:crypto");
const cookie_1 = require("cookie");
const isbot_1 = require("isbot");
/** How long the cookies live, in days: the longest that browsers keep one. */
exports.COOKIE_DAYS = 400;
/** Seconds of a day. */
exports.DAY = 86_400;
// What may stand in a cookie as it is; an id of another kind is none, and a new one takes its place.
const PLAIN_ID = /^[\w.:-]{1,128}$/;
/**
 * Reads the visitor's id from its plain cookie, or makes one. Plain, so that a proxy, an analytics script's server and
 * the warehouse can read the same id; `HttpOnly; SameSite=Lax`, and `Secure` where the request came by https. Nothing a
 * visitor can send makes it throw: a cookie that is no id (1 to 128 letters, digits, `_`, `.`, `:`, `-`) is none.
 *
 * @example
 * ```ts
 * import { visitorId } from 'stoa-node/react-router'
 * const known = new Request('https://shop.example/', { headers: { cookie: 'stoa_visitor=visitor-1' } })
 * visitorId(known).id // 'visitor-1'
 * visitorId(new Request('https://shop.example/')).isNew // true
 * ```
 */
function visitorId(request, options = {}) {
    const { name = 'stoa_visitor', domain, secure = isSecure(request) } = options;
    const carried = cookies(request)[name] ?? '';
    const isNew = !PLAIN_ID.test(carried);
    const id = isNew ? (0, node_crypto_1.randomUUID)() : carried;
    const kept = { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: exports.COOKIE_DAYS * exports.DAY };
    const setCookie = (0, cookie_1.stringifySetCookie)(name, id, domain === undefined ? kept : { ...kept, domain });
    return Object.freeze({ id, isNew, setCookie });
}
/** The cookies of a request. */
function cookies(request) {
    return (0, cookie_1.parseCookie)(request.headers.get('cookie') ?? '');
}
/** Whether the request came by https, as far as the server or the proxy before it says. */
function isSecure(request) {
    const forwarded = request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim().toLowerCase();
    return (forwarded ?? new URL(request.url).protocol.slice(0, -1)) === 'https';
}
/** Whether a browser fetches the page before anyone asked for it. */
function isPrefetch({ headers }) {
    return ['sec-purpose', 'purpose', 'x-moz'].some((name) => /\b(prefetch|prerender)\b/i.test(headers.get(name) ?? ''));
}
/** Whether a program asks: one of the `isbot` list, or one that does not say what it is. */
function isProgram({ headers }) {
    const agent = headers.get('user-agent');
    return !agent || (0, isbot_1.isbot)(agent);
}
