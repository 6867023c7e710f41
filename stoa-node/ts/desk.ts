// Where requests come in: reads what is known of a visitor, and settles what is owed when the page is out.
import type { Decision } from './decision'
import type { Attributes } from './document'
import type { Engine } from './engine'
import { exposureOf, type Exposure } from './exposure'
import { QaReader } from './qa'
import { keepPrivate, whenRead } from './response'
import { SignedCookie, type Secret } from './signed-cookie'
import { Decisions, readSticky, type Known, type Visit } from './visit'
import { cookies, isPrefetch, isProgram, isSecure, visitorId, type VisitorCookieOptions } from './visitor-cookie'

/** What reads a visitor's attributes, and says where it found them; `AttributeStore` of `stoa-node/redis` is one. */
export interface AttributeReader {
  get(visitorId: string): Promise<{ readonly attributes?: Attributes; readonly source: string }>
}

/** The attributes of a visitor, from wherever the app has them. */
export type AttributesOf = (visitorId: string, request: Request) => Attributes | Promise<Attributes>

/** Where exposures go; `Exposures` of `stoa-node` is one. */
export interface ExposureSink {
  add(exposure: Exposure): void
}

/** What a middleware counted. */
export interface StoaStats {
  /** Requests whose loaders asked. */
  readonly visits: number
  /** Exposures handed to the sink. */
  readonly exposures: number
  /** Exposures held back, by who asked. */
  readonly withheld: Readonly<Record<Withheld, number>>
  /** What was not taken, by what was wrong: cookies, links, and what `attributes` or `exposures` threw on. */
  readonly refused: Readonly<Record<Refused, number>>
}

/**
 * Who is not exposed. `prefetch`: a page that is fetched ahead, or whose headers alone are asked for; `lost`: a visit that
 * began when the headers were gone, and with them the visitor cookie.
 */
export type Withheld = 'bot' | 'prefetch' | 'qa' | 'lost'
/** What is not taken. */
export type Refused =
  | 'qa_tampered'
  | 'qa_expired'
  | 'sticky_tampered'
  | 'sticky_expired'
  | 'sticky_foreign'
  | 'sticky_too_large'
  | 'attributes'
  | 'exposures'

/** Options of {@link stoaMiddleware}. */
export interface StoaOptions {
  /** The engine, or what gives the one of the moment; a request keeps the one it began with. */
  readonly engine: Engine | (() => Engine)
  /** Where attributes come from: a store, or a function of the visitor's id. Nothing when left out. */
  readonly attributes?: AttributeReader | AttributesOf
  /** Where exposures go, after the response; nowhere when left out. */
  readonly exposures?: ExposureSink
  /** What signs the sticky cookie and the links of QA: at least 32 random characters; of several, the first signs. */
  readonly secret: Secret
  /** The visitor cookie; its domain is the signed cookies' too. */
  readonly cookie?: VisitorCookieOptions
}

/** What all requests share. */
export class Desk {
  readonly sticky: SignedCookie
  readonly #options: StoaOptions
  readonly #qa: QaReader
  readonly #counts = { visits: 0, exposures: 0 }
  readonly #withheld: Record<Withheld, number> = { bot: 0, prefetch: 0, qa: 0, lost: 0 }
  readonly #refused: Record<Refused, number> = {
    qa_tampered: 0,
    qa_expired: 0,
    sticky_tampered: 0,
    sticky_expired: 0,
    sticky_foreign: 0,
    sticky_too_large: 0,
    attributes: 0,
    exposures: 0,
  }

  constructor(options: StoaOptions) {
    this.#options = options
    const { secret, cookie } = options
    this.#qa = new QaReader(secret, cookie?.domain)
    this.sticky = new SignedCookie('stoa_sticky', secret, cookie?.domain)
  }

  /** Whether the cookies of this request are for https alone. */
  secure(request: Request): boolean {
    return this.#options.cookie?.secure ?? isSecure(request)
  }

  /** Reads a request, once. Never throws for what a visitor sent. */
  async read(request: Request): Promise<Known> {
    this.#counts.visits += 1
    const { engine, cookie } = this.#options
    const carried = cookies(request)
    const visitor = visitorId(request, cookie)
    const [read, qa, sticky] = await Promise.all([
      this.#attributes(visitor.id, request),
      this.#qa.read(new URL(request.url), carried, this.secure(request)),
      readSticky(this.sticky, carried, visitor.id),
    ])
    if (qa.refused) this.refuse(`qa_${qa.refused}`)
    if (sticky.refused) this.refuse(`sticky_${sticky.refused}`)
    return { engine: typeof engine === 'function' ? engine() : engine, visitor, ...read, qa, sticky }
  }

  refuse(what: Refused): void {
    this.#refused[what] += 1
  }

  withhold(from: Withheld): void {
    this.#withheld[from] += 1
  }

  /** Runs behind the response, where nobody would catch what a sink throws. */
  expose(exposure: Exposure): void {
    try {
      this.#options.exposures?.add(exposure)
      this.#counts.exposures += 1
    } catch {
      this.refuse('exposures')
    }
  }

  stats(): StoaStats {
    return { ...this.#counts, withheld: { ...this.#withheld }, refused: { ...this.#refused } }
  }

  async #attributes(id: string, request: Request): Promise<{ attributes: Attributes; source: string }> {
    const { attributes } = this.#options
    if (attributes === undefined) return { attributes: undefined, source: 'default' }
    try {
      if (typeof attributes === 'function') return { attributes: await attributes(id, request), source: 'request' }
      const found = await attributes.get(id)
      return { attributes: found.attributes, source: found.source }
    } catch {
      this.refuse('attributes')
      return { attributes: undefined, source: 'default' }
    }
  }
}

/** One request: read when a loader first asks, settled when its response has been read. */
export class Asked {
  readonly #desk: Desk
  readonly #request: Request
  #read: Promise<{ known: Known; decisions: Decisions }> | undefined
  /** Exposures owed until the response is out; undefined from then on. */
  #owed: Exposure[] | undefined = []
  /** Whether the response's headers are gone. */
  #headed = false

  constructor(desk: Desk, request: Request) {
    this.#desk = desk
    this.#request = request
  }

  async visit(): Promise<Visit> {
    return (await (this.#read ??= this.#open())).decisions.visit
  }

  /** The response as it goes out: as it came when nobody asked. */
  async close(response: Response): Promise<Response> {
    this.#headed = true
    if (this.#read === undefined) return response
    const { known, decisions } = await this.#read
    const body = whenRead(response.body, () => this.#settle())
    const out = new Response(body, response)
    keepPrivate(out.headers)
    if (isPrefetch(this.#request)) out.headers.set('cache-control', 'no-store')
    for (const cookie of await this.#cookies(known, decisions)) out.headers.append('set-cookie', cookie)
    return out
  }

  async #open(): Promise<{ known: Known; decisions: Decisions }> {
    const lost = this.#headed ? 'lost' : undefined
    const known = await this.#desk.read(this.#request)
    const withheld = lost ?? this.#withheld(known)
    return { known, decisions: new Decisions(known, (decision) => this.#show(known, decision, withheld)) }
  }

  /** Why nothing of this request is exposed, if so. */
  #withheld({ qa }: Known): Withheld | undefined {
    if (qa.force !== undefined) return 'qa'
    if (isPrefetch(this.#request) || this.#request.method === 'HEAD') return 'prefetch'
    return isProgram(this.#request) ? 'bot' : undefined
  }

  #show({ visitor, source }: Known, decision: Decision, withheld: Withheld | undefined): void {
    const exposure = exposureOf(decision, visitor.id, source)
    if (exposure === undefined) return
    if (withheld) return this.#desk.withhold(withheld)
    if (this.#owed) this.#owed.push(exposure)
    else this.#desk.expose(exposure)
  }

  #settle(): void {
    const owed = this.#owed ?? []
    this.#owed = undefined
    for (const exposure of owed) this.#desk.expose(exposure)
  }

  async #cookies(known: Known, decisions: Decisions): Promise<string[]> {
    const secure = this.#desk.secure(this.#request)
    const sticky = this.#withheld(known) ? undefined : await decisions.stickyCookie(this.#desk.sticky, secure)
    if (sticky === 'too_large') this.#desk.refuse('sticky_too_large')
    return [known.visitor.setCookie, known.qa.setCookie, sticky].filter((cookie) => cookie !== undefined)
  }
}
