// The cookie that says which visitor asks, and what else a request says about who asks: program, prefetch, scheme.
import { randomUUID } from 'node:crypto'

import { parseCookie, stringifySetCookie, type Cookies } from 'cookie'
import { isbot } from 'isbot'

/** How long the cookies live, in days: the longest that browsers keep one. */
export const COOKIE_DAYS = 400
/** Seconds of a day. */
export const DAY = 86_400
// What may stand in a cookie as it is; an id of another kind is none, and a new one takes its place.
const PLAIN_ID = /^[\w.:-]{1,128}$/

/** Options of the visitor cookie. */
export interface VisitorCookieOptions {
  /** Its name; `stoa_visitor`. */
  readonly name?: string
  /** Shared with the sub-domains of this domain; the host alone when left out. */
  readonly domain?: string
  /** Whether it is for https alone; when left out, as the request came in (a proxy's `X-Forwarded-Proto` counts). */
  readonly secure?: boolean
}

/** Who asks. */
export interface VisitorId {
  /** The id: a random UUID, or what the shop's own server put into the cookie. */
  readonly id: string
  /** Whether the request carried none, so that it was made here. */
  readonly isNew: boolean
  /** The `Set-Cookie` header that keeps the id, for another 400 days. */
  readonly setCookie: string
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
export function visitorId(request: Request, options: VisitorCookieOptions = {}): VisitorId {
  const { name = 'stoa_visitor', domain, secure = isSecure(request) } = options
  const carried = cookies(request)[name] ?? ''
  const isNew = !PLAIN_ID.test(carried)
  const id = isNew ? randomUUID() : carried
  const kept = { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: COOKIE_DAYS * DAY } as const
  const setCookie = stringifySetCookie(name, id, domain === undefined ? kept : { ...kept, domain })
  return Object.freeze({ id, isNew, setCookie })
}

/** The cookies of a request. */
export function cookies(request: Request): Cookies {
  return parseCookie(request.headers.get('cookie') ?? '')
}

/** Whether the request came by https, as far as the server or the proxy before it says. */
export function isSecure(request: Request): boolean {
  const forwarded = request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim().toLowerCase()
  return (forwarded ?? new URL(request.url).protocol.slice(0, -1)) === 'https'
}

/** Whether a browser fetches the page before anyone asked for it. */
export function isPrefetch({ headers }: Request): boolean {
  return ['sec-purpose', 'purpose', 'x-moz'].some((name) => /\b(prefetch|prerender)\b/i.test(headers.get(name) ?? ''))
}

/** Whether a program asks: one of the `isbot` list, or one that does not say what it is. */
export function isProgram({ headers }: Request): boolean {
  const agent = headers.get('user-agent')
  return !agent || isbot(agent)
}
