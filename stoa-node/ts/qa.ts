// A signed link that shows a person of the shop one variant, and the cookie that keeps it in that browser.
import { parseCookie, type Cookies } from 'cookie'

import type { Decision } from './decision'
import type { Engine } from './engine'
import { refuse } from './error'
import { SignedCookie, type Secret } from './signed-cookie'

/** The parameter of a link, and the cookie. */
const PARAMETER = 'stoa'
const COOKIE = 'stoa_qa'
/** The parameter's value that ends an override. */
const OFF = 'off'

/** What an override says; `until` in seconds since 1970. */
interface Override {
  readonly force: Readonly<Record<string, string>>
  readonly until: number
}

/** What a request says about overrides. */
export interface Qa {
  /** Experiment key → variant key; undefined where nothing is overridden. */
  readonly force?: Override['force'] | undefined
  /** The `Set-Cookie` header that keeps or ends an override. */
  readonly setCookie?: string | undefined
  /** An override was there and is not taken. */
  readonly refused?: 'tampered' | 'expired' | undefined
}

/** Options of {@link qaLink}. */
export interface QaLinkOptions {
  /** The secret of {@link stoaMiddleware}; of several, the first signs. */
  readonly secret: Secret
  /** Until when the link works; eight hours from now when left out. */
  readonly until?: Date
}

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
export async function qaLink(url: string, force: Readonly<Record<string, string>>, options: QaLinkOptions): Promise<string> {
  const until = seconds(options.until?.getTime() ?? Date.now() + 8 * 3_600_000)
  const sealed = await new SignedCookie(COOKIE, options.secret).seal({ force, until }, true, 0)
  if (sealed === undefined) throw refuse('too_large', 'force', 'must fit into a cookie', JSON.stringify(force))
  const link = new URL(url)
  link.searchParams.set(PARAMETER, parseCookie(sealed)[COOKIE] ?? '')
  return link.href
}

/** Reads overrides: the link's, and where it has none to take, the cookie's. */
export class QaReader {
  readonly #cookie: SignedCookie

  constructor(secret: Secret, domain?: string) {
    this.#cookie = new SignedCookie(COOKIE, secret, domain)
  }

  /** Never throws for what the request carries. */
  async read(url: URL, carried: Cookies, secure: boolean): Promise<Qa> {
    const asked = url.searchParams.get(PARAMETER) ?? undefined
    if (asked === OFF) return { setCookie: await this.#cookie.end(secure) }
    const link = await this.#open(asked)
    if ('until' in link) {
      return { force: link.force, setCookie: await this.#cookie.seal(link, secure, link.until - seconds(Date.now())) }
    }
    const kept = await this.#open(carried[COOKIE])
    return 'until' in kept ? { force: kept.force, refused: link.refused } : { refused: link.refused ?? kept.refused }
  }

  async #open(text: string | undefined): Promise<Override | Pick<Qa, 'refused'>> {
    const opened = await this.#cookie.open(text)
    if ('refused' in opened) return opened.refused === 'absent' ? {} : { refused: opened.refused }
    const override = opened.content as Override
    return override.until > seconds(Date.now()) ? override : { refused: 'expired' }
  }
}

function seconds(millis: number): number {
  return Math.floor(millis / 1000)
}

/** The decision that an override forces; undefined when the bundle has no such variant. */
export function forced(engine: Engine, experiment: string, variant: string | undefined): Decision | undefined {
  const found = engine.experiment(experiment).variants.find(({ key }) => key === variant)
  if (found === undefined) return undefined
  const { version } = engine
  return Object.freeze({
    experiment,
    variant: found.key,
    payload: found.payload,
    reason: 'forced',
    exposes: 'none',
    version,
  })
}
