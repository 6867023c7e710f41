// One visitor in one request: what is read for them once, what was decided, and what is owed when the page is out.
import type { Cookies } from 'cookie'

import type { Decision, ExperimentKey } from './decision'
import type { Attributes } from './document'
import type { Engine } from './engine'
import { forced, type Qa } from './qa'
import type { SignedCookie } from './signed-cookie'
import { COOKIE_DAYS, DAY, type VisitorId } from './visitor-cookie'

/** What a request knows of its visitor, and the decisions made of it. Frozen; its functions may be taken apart. */
export interface Visit {
  /** The visitor's id. */
  readonly visitorId: string
  /** Where the attributes came from: the store's word, `request` for a function's, `default` where there are none. */
  readonly source: string
  /** Whether a signed link overrides decisions in this browser, which exposes nothing then: mark its orders by it. */
  readonly qa: boolean
  /** Decides, for a page that shows the variant: the visitor is exposed once the page is out. */
  decide<K extends ExperimentKey>(experiment: K): Decision<K>
  /** Key of the variant that `decide` gives; exposes as it does. */
  variant<K extends ExperimentKey>(experiment: K): Decision<K>['variant']
  /** The same decision, for a page that does not show it: exposes nothing. */
  peek<K extends ExperimentKey>(experiment: K): Decision<K>
}

/** What sticky experiments showed, as the signed cookie carries it; `at` in seconds since 1970. */
interface Kept {
  readonly unit: string
  readonly at: number
  readonly memory: string
}

/** The signed cookie of sticky experiments, for one request. */
export interface Sticky {
  /** What the visitor has been shown. */
  readonly memory?: string | undefined
  /** Whether the cookie is to be dated anew. */
  readonly old?: boolean
  /** A cookie was there and is not taken. */
  readonly refused?: 'tampered' | 'expired' | 'foreign'
}

/** Reads the sticky cookie of this visitor. Never throws for what it holds. */
export async function readSticky(cookie: SignedCookie, carried: Cookies, unit: string): Promise<Sticky> {
  const opened = await cookie.open(carried[cookie.name])
  if ('refused' in opened) return opened.refused === 'absent' ? {} : { refused: opened.refused }
  const kept = opened.content as Kept
  if (kept.unit !== unit) return { refused: 'foreign' }
  const age = Date.now() / 1000 - kept.at
  return age < COOKIE_DAYS * DAY ? { memory: kept.memory, old: age > DAY } : { refused: 'expired' }
}

/** What was read for one request. */
export interface Known {
  readonly engine: Engine
  readonly visitor: VisitorId
  readonly attributes: Attributes
  readonly source: string
  readonly qa: Qa
  readonly sticky: Sticky
}

/** The decisions of one request: each made once, at one instant, by one engine. */
export class Decisions {
  readonly #known: Known
  readonly #made = new Map<string, Decision>()
  /** Those that the page shows. */
  readonly #shown = new Map<string, Decision>()
  readonly #now = new Date()
  /** Called with each decision the page shows, once. */
  readonly #onShown: (decision: Decision) => void

  constructor(known: Known, onShown: (decision: Decision) => void) {
    this.#known = known
    this.#onShown = onShown
  }

  /** What a loader is given. */
  get visit(): Visit {
    const decide = (experiment: string) => this.#show(this.#decide(experiment))
    // The types of the keys are the engine's: what it decides for a key is that key's decision.
    return Object.freeze({
      visitorId: this.#known.visitor.id,
      source: this.#known.source,
      qa: this.#known.qa.force !== undefined,
      decide,
      variant: (experiment: string) => decide(experiment).variant,
      peek: (experiment: string) => this.#decide(experiment),
    }) as Visit
  }

  /** The sticky cookie to set after the decisions shown so far; undefined when the one there still says it all. */
  async stickyCookie(cookie: SignedCookie, secure: boolean): Promise<string | 'too_large' | undefined> {
    const { engine, visitor, sticky } = this.#known
    const memory = engine.remember(sticky.memory, [...this.#shown.values()])
    if (!memory) return sticky.memory || sticky.refused ? cookie.end(secure) : undefined
    if (memory === sticky.memory && !sticky.old) return undefined
    const kept: Kept = { unit: visitor.id, at: Math.floor(Date.now() / 1000), memory }
    return (await cookie.seal(kept, secure, COOKIE_DAYS * DAY)) ?? 'too_large'
  }

  #decide(experiment: string): Decision {
    const made = this.#made.get(experiment) ?? this.#make(experiment)
    this.#made.set(experiment, made)
    return made
  }

  #make(experiment: string): Decision {
    const { engine, visitor, attributes, qa, sticky } = this.#known
    const override = forced(engine, experiment, qa.force?.[experiment])
    if (override) return override
    return engine.decide(experiment, visitor.id, attributes, { now: this.#now, memory: sticky.memory })
  }

  #show(decision: Decision): Decision {
    if (this.#shown.has(decision.experiment)) return decision
    this.#shown.set(decision.experiment, decision)
    this.#onShown(decision)
    return decision
  }
}
