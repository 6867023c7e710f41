// What the server lets a browser keep and must be able to trust again: signed by React Router's createCookie
// (HMAC-SHA-256, compared in constant time), dated here.
import { createCookie, type Cookie } from 'react-router'

import { refuse } from './error'

/** One key, or the newest first and those before it; each of at least 32 characters. */
export type Secret = string | readonly string[]

/** What a signed text gave: its content, or why it is not taken. */
export type Opened = { readonly content: object } | { readonly refused: 'absent' | 'tampered' }

/** Characters of a key that nobody guesses. */
const MIN_SECRET = 32
/** Browsers keep no longer cookie, so a longer one was not set here. */
const MAX_COOKIE = 4096

/** A cookie with a key of its own, made from the shop's secret: one purpose's text says nothing to another. */
export class SignedCookie {
  readonly name: string
  readonly #cookie: Cookie

  constructor(name: string, secret: Secret, domain?: string) {
    this.name = name
    const secrets = keysOf(secret).map((key) => `${name}:${key}`)
    const options = { secrets, httpOnly: true, sameSite: 'lax', path: '/' } as const
    this.#cookie = createCookie(name, domain === undefined ? options : { ...options, domain })
  }

  /** Opens the signed text that a cookie or a parameter carried. Never throws. */
  async open(text: string | undefined): Promise<Opened> {
    if (!text) return { refused: 'absent' }
    if (text.length > MAX_COOKIE) return { refused: 'tampered' }
    const value = encodeURIComponent(text.toWellFormed())
    const content: unknown = await this.#cookie.parse(`${this.name}=${value}`)
    return typeof content === 'object' && content !== null ? { content } : { refused: 'tampered' }
  }

  /** The `Set-Cookie` header of some content; undefined when no browser would keep it. */
  async seal(content: object, secure: boolean, maxAge: number): Promise<string | undefined> {
    const header = await this.#cookie.serialize(content, { secure, maxAge })
    return header.length > MAX_COOKIE ? undefined : header
  }

  /** The `Set-Cookie` header that ends it. */
  end(secure: boolean): Promise<string> {
    return this.#cookie.serialize('', { secure, maxAge: 0 })
  }
}

// Without a key nothing would be signed, and whatever a browser sends would be trusted.
function keysOf(secret: Secret): string[] {
  const keys = [secret].flat()
  if (keys.length === 0) throw refuse('out_of_range', 'secret', 'must have a key', 'none')
  for (const key of keys) {
    if (typeof key !== 'string' || key.length < MIN_SECRET) {
      const found = typeof key === 'string' ? `${key.length} characters` : typeof key
      throw refuse('out_of_range', 'secret', `must have at least ${MIN_SECRET} characters`, found)
    }
  }
  return keys
}
