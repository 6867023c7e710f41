// A visitor's way to the addon: id, attributes and options become the arguments of a native function.
import type { DecideOptions } from './decision'
import { attributesText, instant, type Attributes } from './document'
import { call } from './error'

/** A function of the addon: `(…lead, unit, …attributes, now?, memory?)`. */
export type Native = (...given: unknown[]) => number

/** What deciding depends on. */
export interface Reads {
  /** Names of the attributes. */
  readonly attributes: readonly string[]
  /** Whether the time matters. */
  readonly needs_now: boolean
}

type Values = Readonly<Record<string, unknown>>

const { hasOwn } = Object

/**
 * Asks one question about one visitor after the other: by one native function when attributes are a document, by another
 * when each is an argument. Of an object, only the attributes that matter are looked at.
 */
export class Asker {
  readonly #document: Native
  readonly #placed: Native
  readonly #names: readonly string[]
  readonly #needsNow: boolean
  readonly #lead: readonly unknown[]
  /** Whether calls are as short as can be: nothing goes before the id, few attributes after it, no time. */
  readonly #short: boolean

  constructor(document: Native, placed: Native, reads: Reads, ...lead: readonly unknown[]) {
    this.#document = document
    this.#placed = placed
    this.#names = reads.attributes
    this.#needsNow = reads.needs_now
    this.#lead = lead
    this.#short = lead.length === 0 && reads.attributes.length <= 2 && !reads.needs_now
  }

  ask(visitorId: unknown, attributes: Attributes, options: DecideOptions | undefined): number {
    if (!this.#short || options !== undefined) return this.#askAtLength(visitorId, attributes, options)
    if (!isRecord(attributes)) return this.#document(visitorId, attributes)
    const first = look(attributes, this.#names[0])
    const second = look(attributes, this.#names[1])
    if (first === UNLIKE || second === UNLIKE || isUnlike(attributes)) {
      return this.#document(visitorId, attributesText(attributes))
    }
    return this.#placed(visitorId, first, second)
  }

  #askAtLength(visitorId: unknown, attributes: Attributes, options: DecideOptions | undefined): number {
    const given = [...this.#lead, visitorId]
    const values = this.#values(attributes)
    given.push(...(values ?? [attributesText(attributes)]))
    if (options !== undefined || this.#needsNow) given.push(instant(options?.now) ?? Date.now(), options?.memory)
    return call(() => (values ? this.#placed(...given) : this.#document(...given)))
  }

  /** A document of what {@link Asker.ask} looks at. */
  document(attributes: Attributes): string | Uint8Array | undefined {
    const values = this.#values(attributes)
    return attributesText(values ? Object.fromEntries(this.#names.map((name, i) => [name, values[i]])) : attributes)
  }

  #values(attributes: Attributes): unknown[] | undefined {
    if (!isRecord(attributes) || isUnlike(attributes)) return undefined
    const values = this.#names.map((name) => look(attributes, name))
    return values.includes(UNLIKE) ? undefined : values
  }
}

/** Stands for a value that only JSON tells: a list, a date, whatever writes its own JSON or throws. */
const UNLIKE = Symbol('unlike')

// A proxy may throw at any question; then it is an object, and unlike attributes.
function isRecord(attributes: Attributes): attributes is Values {
  try {
    return typeof attributes === 'object' && attributes !== null && !ArrayBuffer.isView(attributes)
  } catch {
    return true
  }
}

/** Whether the object as a whole is something else than attributes: a cache's document, an array, a Map, its own JSON. */
function isUnlike(attributes: Values): boolean {
  try {
    if (look(attributes, 'a') === UNLIKE || Array.isArray(attributes) || attributes instanceof Map) return true
    return attributes['toJSON'] !== undefined
  } catch {
    return true
  }
}

/** The own property of that name as JSON would have it, if a number, text, truth or nothing. */
function look(attributes: Values, name: string | undefined): unknown {
  if (name === undefined) return undefined
  try {
    const value = hasOwn(attributes, name) ? attributes[name] : undefined
    const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return scalar || value === undefined || value === null ? value : UNLIKE
  } catch {
    return UNLIKE
  }
}
