// What is known of a visitor: attributes and cached memberships, out of whatever the caller holds. Nothing here throws.
import type { Attributes } from '../document.js'

/** Values by name, as JSON has them. */
export type Fields = Readonly<Record<string, unknown>>

/** One visitor; undefined stands for input that cannot be read. */
export interface Visitor {
  readonly attributes: Fields
  /** Segment → hash of the rule that judged the visitor a member, after `!` when it judged they are not. */
  readonly segments: Fields
}

/** Version of the cache document. */
const CACHE_VERSION = 1
const NOBODY: Visitor = { attributes: {}, segments: {} }
/** Levels of lists and objects that the native reader refuses to enter. */
const TOO_DEEP = 128

/**
 * Reads a visitor as the native engine does; undefined when that is not possible. Of an object only the attributes of
 * these names are looked at, unless one is such that only JSON tells what it is.
 */
export function readVisitor(given: Attributes, names: readonly string[]): Visitor | undefined {
  try {
    if (given === undefined || given === null) return NOBODY
    return (isRecord(given) ? scalars(given, names) : undefined) ?? visitorOf(readJson(textOf(given)))
  } catch {
    return undefined
  }
}

/** Whether attributes may be taken from it by name: it is no cache's document and does not write its own JSON. */
function isRecord(given: object | string | Uint8Array): given is Fields {
  if (typeof given !== 'object' || isBytes(given) || Array.isArray(given) || given instanceof Map || 'toJSON' in given) return false
  return isScalar(field(given as Fields, 'a'))
}

/** Attributes that are texts, numbers, truths or nothing; undefined when one is something else. */
function scalars(given: Fields, names: readonly string[]): Visitor | undefined {
  const attributes: Record<string, unknown> = Object.create(null)
  for (const name of names) {
    const value = field(given, name)
    if (!isScalar(value)) return undefined
    const unsaid = typeof value === 'number' && !Number.isFinite(value)
    attributes[name] = typeof value === 'string' ? wellFormed(value) : unsaid ? null : value
  }
  return { attributes, segments: {} }
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)
}

/** A value under its name, unless it is inherited. */
export function field(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** Lone surrogates become U+FFFD, as UTF-8 encoders have it. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

function textOf(given: object | string | Uint8Array): string {
  if (typeof given === 'string') return wellFormed(given)
  if (isBytes(given)) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(given)
  // JSON.stringify escapes exactly the lone surrogates.
  return stringified(given instanceof Map ? Object.fromEntries(given) : given).replace(/\\(?:\\|ud[89a-f]..)/g, (escape) => (escape === '\\\\' ? escape : '\ufffd'))
}

/** JSON of an object; a whole number written as a BigInt is a number. */
function stringified(given: object): string {
  try {
    return JSON.stringify(given)
  } catch {
    return JSON.stringify(given, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))
  }
}

/** Any view: bytes may come from another realm, where they are no `instanceof` ours. */
function isBytes(given: object): given is Uint8Array {
  return ArrayBuffer.isView(given)
}

function visitorOf(document: unknown): Visitor | undefined {
  if (document === null) return NOBODY
  if (!isObject(document)) return undefined
  const attributes = field(document, 'a')
  if (!isObject(attributes)) return { attributes: document, segments: {} }
  const segments = Object.hasOwn(document, 's') ? document['s'] : {}
  const judged = isObject(segments) && Object.values(segments).every((hash) => typeof hash === 'string')
  return judged && field(document, 'v') === CACHE_VERSION ? { attributes, segments } : undefined
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Text in which nothing can be hidden from `JSON.parse`: too short to be deep, no exponent, no half of a pair. */
function isPlain(text: string): boolean {
  return text.length < 2 * TOO_DEEP && !/\\u[dD]|\d[eE]|\d{309}/.test(text)
}

/** `JSON.parse`, which also accepts what the native reader refuses; a field written twice counts as written last. */
function readJson(text: string): unknown {
  const document: unknown = JSON.parse(text)
  if (isPlain(text)) return document
  let depth = 0
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|-?\d[\d.eE+-]*/g)) {
    if (token === '[' || token === '{') depth++
    else if (token === ']' || token === '}') depth--
    else if (token.startsWith('"') ? halfEscaped(token) : !Number.isFinite(Number(token))) throw new RangeError(token)
    if (depth >= TOO_DEEP) throw new RangeError('too deep')
  }
  return document
}

/** Whether one half of a surrogate pair is escaped without the other. */
function halfEscaped(token: string): boolean {
  const escapes = token.match(/\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..|\\./g) ?? []
  return escapes.some((escape) => escape.length === 6)
}
