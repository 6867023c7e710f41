import { type Cookies } from 'cookie';
/** How long the cookies live, in days: the longest that browsers keep one. */
export declare const COOKIE_DAYS = 400;
/** Seconds of a day. */
export declare const DAY = 86400;
/** Options of the visitor cookie. */
export interface VisitorCookieOptions {
    /** Its name; `stoa_visitor`. */
    readonly name?: string;
    /** Shared with the sub-domains of this domain; the host alone when left out. */
    readonly domain?: string;
    /** Whether it is for https alone; when left out, as the request came in (a proxy's `X-Forwarded-Proto` counts). */
    readonly secure?: boolean;
}
/** Who asks. */
export interface VisitorId {
    /** The id: a random UUID, or what the shop's own server put into the cookie. */
    readonly id: string;
    /** Whether the request carried none, so that it was made here. */
    readonly isNew: boolean;
    /** The `Set-Cookie` header that keeps the id, for another 400 days. */
    readonly setCookie: string;
}
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
export declare function visitorId(request: Request, options?: VisitorCookieOptions): VisitorId;
/** The cookies of a request. */
export declare function cookies(request: Request): Cookies;
/** Whether the request came by https, as far as the server or the proxy before it says. */
export declare function isSecure(request: Request): boolean;
/** Whether a browser fetches the page before anyone asked for it. */
export declare function isPrefetch({ headers }: Request): boolean;
/** Whether a program asks: one of the `isbot` list, or one that does not say what it is. */
export declare function isProgram({ headers }: Request): boolean;
