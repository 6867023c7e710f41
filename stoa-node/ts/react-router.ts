/**
 * Decisions in the loaders of a React Router 7 app (framework mode): who asks, what they get, and the exposures.
 *
 * @packageDocumentation
 */
import { createContext, type MiddlewareFunction, type RouterContextProvider } from 'react-router'

import { Asked, Desk, type StoaOptions, type StoaStats } from './desk'
import { refuse } from './error'
import type { Visit } from './visit'

export type {
  AttributeReader,
  AttributesOf,
  ExposureSink,
  Refused,
  StoaOptions,
  StoaStats,
  Withheld,
} from './desk'
export { qaLink, type QaLinkOptions } from './qa'
export { keepPrivate } from './response'
export type { Secret } from './signed-cookie'
export type { Visit } from './visit'
export { visitorId, type VisitorCookieOptions, type VisitorId } from './visitor-cookie'

/** A middleware that also tells what it did. */
export type StoaMiddleware = MiddlewareFunction<Response> & {
  /** What was counted since it was made. */
  stats(): StoaStats
}

const stoaContext = createContext<Asked | null>(null)

/**
 * The middleware of the root route (`future.v8_middleware`), from which {@link stoaLoader} has what it gives. A page
 * whose loaders ask nothing is left as it is: no cookie, no read of attributes, its caching untouched. A page that asks
 * costs one read of attributes, gets the visitor cookie, and is told to be private.
 *
 * Exposures are handed over when the response has been read to its end: of decisions that a loader or action asked for,
 * whatever the status (a variant that breaks its page must not leave the analysis). Programs, prefetches and browsers
 * under a QA override are not exposed. Nothing a visitor sends makes it throw: what cannot be read counts in `stats()`.
 *
 * @throws {@link StoaError} when there is no secret, or one is shorter than 32 characters.
 * @example
 * ```ts
 * import { stoaMiddleware } from 'stoa-node/react-router'
 * const stoa = stoaMiddleware({ engine, attributes: () => ({ orders_count: 3 }), secret: 'a'.repeat(32) })
 * stoa.stats().visits // 0
 * ```
 */
export function stoaMiddleware(options: StoaOptions): StoaMiddleware {
  const desk = new Desk(options)
  const middleware: MiddlewareFunction<Response> = async ({ request, context }, next) => {
    const asked = new Asked(desk, request)
    context.set(stoaContext, asked)
    return asked.close(await next())
  }
  return Object.assign(middleware, { stats: () => desk.stats() })
}

/**
 * The visit of this request, for a loader or an action. All loaders of a request share one: attributes are read once.
 * Ask before the loader returns: what a promise that is still streaming asks comes too late for a cookie.
 *
 * @throws {@link StoaError} where no {@link stoaMiddleware} ran before.
 * @example
 * ```ts
 * import { RouterContextProvider } from 'react-router'
 * import { stoaLoader, stoaMiddleware } from 'stoa-node/react-router'
 * const stoa = stoaMiddleware({ engine, attributes: () => ({ orders_count: 3, country: 'CA' }), secret: 'a'.repeat(32) })
 * const args = { request: new Request('https://shop.example/cart'), context: new RouterContextProvider(), params: {} }
 * const loader = async ({ context }) => (await stoaLoader(context)).decide('free_shipping').reason
 * const page = await stoa(args, async () => new Response(await loader(args)))
 * await page.text() // 'assigned'
 * page.headers.get('vary') // 'Cookie'
 * ```
 */
export function stoaLoader(context: Readonly<RouterContextProvider>): Promise<Visit> {
  const asked = context.get(stoaContext)
  if (asked === null) throw refuse('missing_field', 'context', 'must have been through stoaMiddleware', 'no visit')
  return asked.visit()
}
