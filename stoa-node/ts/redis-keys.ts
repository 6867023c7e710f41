// Where a visitor's attributes lie in Redis (DESIGN §9), and which visitors can have any.
import { isUtf8 } from 'node:buffer'

import { refuse } from './error'
import { MAX_ID_BYTES } from './options'

// No colon: a namespace or a generation cannot reach into another's keys, nor a visitor's id out of its own.
const NAME = /^[A-Za-z0-9_.-]{1,64}$/

/** The generations that hold visitors: the one that was pushed last, and the one before it. */
export interface Generations {
  readonly current: string
  readonly previous: string | undefined
}

/** The keys of one shop. */
export class Keys {
  /** Key of the pointer to the generations. */
  readonly pointer: string
  readonly #attributes: string

  constructor(namespace: string) {
    if (typeof namespace !== 'string' || !NAME.test(namespace)) {
      throw refuse('out_of_range', 'namespace', 'must be 1 to 64 of the letters A-Z and a-z, digits, _, . and -', namespace)
    }
    this.pointer = `stoa:${namespace}:current`
    this.#attributes = `stoa:${namespace}:attr:`
  }

  /** Keys of a visitor's documents, the current generation's first. The id stands last, as it is. */
  visitor(id: string, { current, previous }: Generations): string[] {
    const named = previous === undefined ? [current] : [current, previous]
    return named.map((generation) => `${this.#attributes}${generation}:${id}`)
  }
}

/** Whether a key can be made of an id: text that UTF-8 can say, so that no two ids share a key, no longer than the engine takes. */
export function isId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.isWellFormed() && Buffer.byteLength(id) <= MAX_ID_BYTES
}

/** Reads the pointer, `{"current": "…", "previous": "…" or null}`; undefined when it is none. */
export function readPointer(text: Buffer): Generations | undefined {
  const { current, previous = null } = jsonObject(text) ?? {}
  if (!isName(current) || !(previous === null || isName(previous))) return undefined
  return { current, previous: previous ?? undefined }
}

/** The JSON object that bytes are; undefined when they are no UTF-8, no JSON or no object. */
export function jsonObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (!isUtf8(bytes)) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString())
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value)
}
