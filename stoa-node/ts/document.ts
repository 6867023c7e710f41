// What crosses into the engine: documents and visitors become JSON text, here and nowhere else.
import { refuse } from './error'

/** A document as its author has it: JSON or YAML text, the same as UTF-8 bytes, or an object. */
export type Document = string | Uint8Array | object

/** An instant: a `Date`, or RFC 3339 text such as `2026-01-31T00:00:00Z`. */
export type Instant = Date | string

/** A visitor's attributes: an object, its JSON as text or as bytes straight from a cache, or nothing. */
export type Attributes = object | string | Uint8Array | null | undefined

/** Text of a document; `field` names it in errors. */
export function documentText(field: string, document: Document): string {
  if (typeof document === 'string') return document
  if (document instanceof Uint8Array) return decode(field, document)
  if (typeof document !== 'object' || document === null) {
    throw refuse('wrong_type', field, 'must be text, bytes or an object', document)
  }
  let finite = true
  const text = stringify(field, document, (_, value: unknown) => {
    finite &&= typeof value !== 'number' || Number.isFinite(value)
    return value
  })
  // JSON has no NaN: it would cross as null and be refused under another name.
  if (!finite) throw notFinite(field, document)
  return text
}

/** Text of an optional document. */
export function optionalText(field: string, document: Document | undefined): string | undefined {
  return document === undefined ? undefined : documentText(field, document)
}

/** JSON of a visitor; what cannot be written as JSON becomes empty text, which no reader takes for attributes. */
export function attributesText(attributes: Attributes): string | Uint8Array | undefined {
  if (attributes === undefined || attributes === null) return undefined
  if (typeof attributes === 'string' || attributes instanceof Uint8Array) return attributes
  try {
    return wellFormed(JSON.stringify(attributes) ?? '')
  } catch {
    return ''
  }
}

/** An instant as the engine takes it: milliseconds or text. */
export function instant(now: Instant | undefined): number | string | undefined {
  if (!(now instanceof Date)) return now
  const millis = now.getTime()
  if (Number.isNaN(millis)) throw refuse('out_of_range', 'now', 'must be a valid date', now)
  return millis
}

function decode(field: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse('invalid_document', field, 'must be UTF-8', `${bytes.length} bytes`)
  }
}

function stringify(field: string, document: object, replacer: (key: string, value: unknown) => unknown): string {
  try {
    return wellFormed(JSON.stringify(document, replacer))
  } catch (error) {
    throw refuse('wrong_type', field, 'must be writable as JSON', (error as Error).message)
  }
}

// JSON.stringify escapes exactly the lone surrogates; they become U+FFFD, as UTF-8 encoders have it.
function wellFormed(json: string): string {
  if (!json.includes('\\ud')) return json
  return json.replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/g, (escape) => (escape === '\\\\' ? escape : '\ufffd'))
}

function notFinite(field: string, document: object): Error {
  const [path, value] = findNotFinite(field, document) ?? [field, Number.NaN]
  return refuse('not_finite', path, 'must be finite', value)
}

function findNotFinite(path: string, value: unknown): [string, number] | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : [path, value]
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, item] of Object.entries(value)) {
    const found = findNotFinite(Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, item)
    if (found) return found
  }
  return undefined
}
