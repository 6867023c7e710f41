// A visitor's way to the addon: ids, attributes and options become the arguments of a native function.
import { attributesText, instant, type Attributes } from './document'
import type { DecideOptions } from './decision'
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

const { hasOwn } = Object

/** The two native functions that ask the same question: attributes as one document, or one argument each. */
export class Asker {
  readonly #document: Native
  readonly #placed: Native
  readonly #names: readonly string[]
  readonly #needsNow: boolean
  readonly #lead: readonly unknown[]

  constructor(document: Native, placed: Native, reads: Reads, ...lead: readonly unknown[]) {
    this.#document = document
    this.#placed = placed
    this.#names = reads.attributes
    this.#needsNow = reads.needs_now
    this.#lead = lead
  }

  /** The answer about one visitor. Of an object, only the attributes that matter are looked at. */
  ask(visitorId: unknown, attributes: Attributes, options: DecideOptions | undefined): number {
    if (options !== undefined || this.#needsNow) return this.#askAt(visitorId, attributes, options)
    if (typeof attributes !== 'object' || attributes === null || attributes instanceof Uint8Array) {
      return this.#document(...this.#lead, visitorId, attributes)
    }
    const values = this.#values(attributes)
    return values === undefined
      ? this.#document(...this.#lead, visitorId, attributesText(attributes))
      : this.#placed(...this.#lead, visitorId, ...values)
  }

  #askAt(visitorId: unknown, attributes: Attributes, options: DecideOptions | undefined): number {
    const time = [instant(options?.now) ?? Date.now(), options?.memory]
    const values = typeof attributes === 'object' && attributes !== null ? this.#values(attributes) : undefined
    return values === undefined
      ? call(() => this.#document(...this.#lead, visitorId, attributesText(attributes), ...time))
      : call(() => this.#placed(...this.#lead, visitorId, ...values, ...time))
  }

  /**
   * The attributes that matter, in order; undefined when only JSON tells what they are: a cache's document, an array, a
   * list, a date, whatever writes its own JSON.
   */
  #values(attributes: object): unknown[] | undefined {
    if (attributes instanceof Uint8Array || Array.isArray(attributes)) return undefined
    return plain(attributes as Readonly<Record<string, unknown>>, this.#names)
  }
}

function plain(attributes: Readonly<Record<string, unknown>>, names: readonly string[]): unknown[] | undefined {
  try {
    if (typeof attributes['a'] === 'object' || typeof attributes['toJSON'] === 'function') return undefined
    const values = []
    for (const name of names) {
      const value = hasOwn(attributes, name) ? attributes[name] : undefined
      if (!isScalar(value)) return undefined
      values.push(value)
    }
    return values
  } catch {
    return undefined
  }
}

function isScalar(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return true
    default:
      return value === null
  }
}
