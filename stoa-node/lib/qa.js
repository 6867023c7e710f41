"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.QaReader = void 0;
exports.qaLink = qaLink;
exports.forced = forced;
// A signed link that shows a person of the shop one variant, and the cookie that keeps it in that browser.
const cookie_1 = require("cookie");
const error_1 = require("./error");
const signed_cookie_1 = require("./signed-cookie");
/** The parameter of a link, and the cookie. */
const PARAMETER = 'stoa';
const COOKIE = 'stoa_qa';
/** The parameter's value that ends an override. */
const OFF = 'off';
/**
 * A link that shows its reader the named variants, in that browser and until it ends; `?stoa=off` ends it sooner. What is
 * forced is never exposed, so a link can be sent to everyone of the shop.
 *
 * @throws {@link StoaError} when there is no secret, or one is shorter than 32 characters.
 * @example
 * ```ts
 * import { qaLink } from 'stoa-node/react-router'
 * const link = await qaLink('https://shop.example/cart', { free_shipping: 'B' }, { secret: 'a'.repeat(32) })
 * link.startsWith('https://shop.example/cart?stoa=') // true
 * ```
 */
async function qaLink(url, force, options) {
    const until = seconds(options.until?.getTime() ?? Date.now() + 8 * 3_600_000);
    const sealed = await new signed_cookie_1.SignedCookie(COOKIE, options.secret).seal({ force, until }, true, 0);
    if (sealed === undefined)
        throw (0, error_1.refuse)('too_large', 'force', 'must fit into a cookie', JSON.stringify(force));
    const link = new URL(url);
    link.searchParams.set(PARAMETER, (0, cookie_1.parseCookie)(sealed)[COOKIE] ?? '');
    return link.href;
}
/** Reads overrides: the link's, and where it has none to take, the cookie's. */
class QaReader {
    #cookie;
    constructor(secret, domain) {
        this.#cookie = new signed_cookie_1.SignedCookie(COOKIE, secret, domain);
    }
    /** Never throws for what the request carries. */
    async read(url, carried, secure) {
        const asked = url.searchParams.get(PARAMETER) ?? undefined;
        if (asked === OFF)
            return { setCookie: await this.#cookie.end(secure) };
        const link = await this.#open(asked);
        if ('until' in link) {
            return { force: link.force, setCookie: await this.#cookie.seal(link, secure, link.until - seconds(Date.now())) };
        }
        const kept = await this.#open(carried[COOKIE]);
        return 'until' in kept ? { force: kept.force, refused: link.refused } : { refused: link.refused ?? kept.refused };
    }
    async #open(text) {
        const opened = await this.#cookie.open(text);
        if ('refused' in opened)
            return opened.refused === 'absent' ? {} : { refused: opened.refused };
        const override = opened.content;
        return override.until > seconds(Date.now()) ? override : { refused: 'expired' };
    }
}
exports.QaReader = QaReader;
function seconds(millis) {
    return Math.floor(millis / 1000);
}
/** The decision that an override forces; undefined when the bundle has no such variant. */
function forced(engine, experiment, variant) {
    const found = engine.experiment(experiment).variants.find(({ key }) => key === variant);
    if (found === undefined)
        return undefined;
    const { version } = engine;
    return Object.freeze({
        experiment,
        variant: found.key,
        payload: found.payload,
        reason: 'forced',
        exposes: 'none',
        version,
    });
}
