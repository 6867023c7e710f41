// What crosses into the engine: documents and visitors become JSON text, here and nowhere else.
import { refuse } from './error'

/** A document as its author has it: JSON or YAML text, the same as UTF-8 bytes, or an object. */
export type Document = string | Uint8Array | object

/** An instant: a `Date`, or RFC 3339 text such as `2026-01-31T00:00:00Z`. */
export type Instant = Date | string

/** A visitor's attributes: an object, its JSON as text or as bytes straight from a cache (any view of them), or nothing. */
export type Attributes = object | string | Uint8Array | null | undefined

/**
 * Text of a document; `field` names it in errors. JSON has no NaN, which would cross as null and be refused under another
 * name: it is refused here, with `prefix` before its path.
 */
export function documentText(field: string, document: Document, prefix = field): string {
  let finite = true
  const text = jsonText(field, document, (_, value) => {
    finite &&= typeof value !== 'number' || Number.isFinite(value)
    return value
  })
  if (!finite) throw notFinite(prefix, document)
  return text
}

/** Text of a document whose readers know NaN by its spelling, and list it among its problems. */
export function contractText(field: string, document: Document): string {
  return jsonText(field, document, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  )
}

/** Runs `write` unless there is no document. */
export function optional(write: typeof documentText, field: string, document: Document | undefined): string | undefined {
  return document === undefined ? undefined : write(field, document)
}

/** JSON of a visitor; what cannot be written as JSON becomes empty text, which no reader takes for attributes. */
export function attributesText(attributes: Attributes): string | Uint8Array | undefined {
  try {
    return knownAttributes(attributes)
  } catch {
    return ''
  }
}

/** JSON of a visitor, refused where it cannot be written. */
export function knownAttributes(attributes: Attributes): string | Uint8Array | undefined {
  if (attributes === undefined || attributes === null) return undefined
  if (typeof attributes === 'string' || ArrayBuffer.isView(attributes)) return attributes as string | Uint8Array
  const flat: object = attributes instanceof Map ? Object.fromEntries(attributes) : attributes
  return wellFormed(stringified(flat) ?? '')
}

/** Text given as `field`; anything else is refused under that name. */
export function text(field: string, given: string): string {
  if (typeof given !== 'string') throw refuse('wrong_type', field, 'must be text', given)
  return given
}

/** An instant as the engine takes it: milliseconds or text. */
export function instant(now: Instant | null | undefined): number | string | undefined {
  if (now === undefined || now === null) return undefined
  if (typeof now === 'string') return now
  if (!(now instanceof Date)) throw refuse('wrong_type', 'now', 'must be a Date or RFC 3339 text', now)
  const millis = now.getTime()
  if (Number.isNaN(millis)) throw refuse('out_of_range', 'now', 'must be a valid date', now)
  return millis
}

// A whole number written as a BigInt is a number, as databases hand one over; JSON.stringify alone refuses it.
function stringified(attributes: object): string | undefined {
  try {
    return JSON.stringify(attributes)
  } catch {
    return withBigInts(attributes)
  }
}

function withBigInts(attributes: object): string | undefined {
  try {
    return JSON.stringify(attributes, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))
  } catch (error) {
    throw refuse('invalid_document', 'attributes', 'must be writable as JSON', reasonOf(error))
  }
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  return reason.split('\n', 1)[0] ?? ''
}

function decode(field: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse('invalid_document', field, 'must be UTF-8', `${bytes.length} bytes`)
  }
}

function jsonText(field: string, document: Document, replacer: (key: string, value: unknown) => unknown): string {
  if (typeof document === 'string') return document
  if (document instanceof Uint8Array) return decode(field, document)
  if (typeof document !== 'object' || document === null) {
    throw refuse('wrong_type', field, 'must be text, bytes or an object', document)
  }
  try {
    return wellFormed(JSON.stringify(document, replacer))
  } catch (error) {
    throw refuse('wrong_type', field, 'must be writable as JSON', reasonOf(error))
  }
}

// JSON.stringify escapes exactly the lone surrogates; they become U+FFFD, as UTF-8 encoders have it.
function wellFormed(json: string): string {
  if (!json.includes('\\ud')) return json
  return json.replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/g, (escape) => (escape === '\\\\' ? escape : '\ufffd'))
}

function notFinite(prefix: string, document: unknown): Error {
  const [path, value] = findNotFinite(prefix, document) ?? [prefix, Number.NaN]
  return refuse('not_finite', path, 'must be a finite number', value)
}

function findNotFinite(path: string, value: unknown): [string, number] | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : [path, value]
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, item] of Object.entries(value)) {
    const name = path === '' ? key : `${path}.${key}`
    const found = findNotFinite(Array.isArray(value) ? `${path}[${key}]` : name, item)
    if (found) return found
  }
  return undefined
}
