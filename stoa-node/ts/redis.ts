/**
 * A visitor's attributes from Redis, inside a request: in time or not at all, and never in the page's way.
 *
 * @packageDocumentation
 */
import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
  type CircuitBreakerPolicy,
} from 'cockatiel'
import { LRUCache } from 'lru-cache'
import { ErrorReply } from 'redis'

import { atLeast, MOST_KEPT, tell } from './options'
import { Connection, type RedisClient } from './redis-client'
import { isId, jsonObject, Keys, readPointer, type Generations } from './redis-keys'

export type { RedisClient } from './redis-client'

/** A visitor's attributes, and where they were found. */
export interface Found {
  /** The visitor's document as it lies in Redis, for `engine.decide`; undefined when there is none, or none in time. */
  readonly attributes: Buffer | undefined
  /** `cache`: this process had it; `redis`; `default`: nothing is known of the visitor, or Redis did not say in time. */
  readonly source: 'cache' | 'redis' | 'default'
}

/** Options of {@link AttributeStore}: `namespace`, and either `url` or `client`. */
export interface AttributeStoreOptions {
  /** Where Redis is, `redis://…` or `rediss://…`: the store connects, and comes back, by itself. */
  readonly url?: string
  /** A client, pool or cluster of the app's, of the `redis` package (5 or 6): the app connects and ends it. */
  readonly client?: RedisClient
  /** The shop's part of every key: letters, digits, `_`, `-` and `.`, at most 64. */
  readonly namespace: string
  /** Milliseconds that one {@link AttributeStore.get} may take in all; 15. */
  readonly timeoutMs?: number
  /** Failures in a row after which Redis is left alone; 5. */
  readonly failures?: number
  /** Milliseconds until it is tried again, by one request; 1,000. */
  readonly retryMs?: number
  /** Milliseconds that this process keeps what it read of a visitor; 5,000, 0 for not at all. */
  readonly cacheMs?: number
  /** Visitors kept, at most; 5,000. */
  readonly cacheSize?: number
  /** Bytes kept, at most; 8 MiB. */
  readonly cacheBytes?: number
  /** Bytes of a visitor's document, at most: a larger one is not taken; 65,536. */
  readonly maxBytes?: number
  /** Told of every failure, and of what lies in Redis and cannot be read. */
  readonly onError?: (error: unknown) => void
}

/** What a store has seen so far. */
export interface AttributeStoreStats {
  /** Answers, by where they came from. */
  readonly cache: number
  readonly redis: number
  readonly default: number
  /** Visitors of whom Redis had nothing. */
  readonly unknown: number
  /** Documents and pointers that were too large or no JSON object. */
  readonly unusable: number
  /** Visitors of whom Redis did not say in time. */
  readonly timeouts: number
  /** Visitors of whom asking failed otherwise. */
  readonly errors: number
  /** Visitors of whom Redis was not asked, because it was left alone. */
  readonly skipped: number
  /** Whether Redis is being left alone now. */
  readonly open: boolean
}

/** What is remembered of a visitor. */
type Known = Buffer | typeof NOTHING
const NOTHING = Symbol('nothing')

/** Bytes that a remembered visitor takes beside the document and the id, about. */
const ENTRY_BYTES = 200
/** Milliseconds that a visitor of whom nothing was found is not asked for again, at most. */
const NOTHING_MS = 1_000
/** How often a pointer that changes while it is read is followed. */
const FLIPS = 3
const DEFAULT: Found = Object.freeze({ attributes: undefined, source: 'default' })

/**
 * Reads visitors' attributes from Redis, as `stoa push` writes them, for a request that must not wait: `get` answers within
 * its budget whatever Redis does, and never rejects. What is not known gives the control experience, and every answer says
 * where it came from, so that exposures can say it too.
 *
 * One question a visitor: the pointer and both generations in one MGET. After some failures in a row Redis is left alone
 * for a second, and then tried by one visitor. Docs: docs/STOREFRONT.md.
 *
 * @throws {@link StoaError} for an option outside its range, or when both or none of `url` and `client` are given.
 * @example
 * ```ts
 * import { AttributeStore } from 'stoa-node/redis'
 * // Nothing listens there.
 * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
 * const { attributes, source } = await store.get('visitor-1')
 * source // 'default'
 * engine.decide('free_shipping', 'visitor-1', attributes).variant // 'A'
 * await store.close()
 * ```
 */
export class AttributeStore {
  readonly #keys: Keys
  readonly #connection: Connection
  readonly #breaker: CircuitBreakerPolicy
  readonly #cache: LRUCache<string, Known> | undefined
  readonly #timeoutMs: number
  readonly #maxBytes: number
  readonly #onError: ((error: unknown) => void) | undefined
  readonly #counts = { cache: 0, redis: 0, default: 0, unknown: 0, unusable: 0, timeouts: 0, errors: 0, skipped: 0 }
  /** Questions under way, by visitor: who asks meanwhile shares the answer. */
  readonly #asked = new Map<string, Promise<Found>>()
  #generations: Generations | undefined

  constructor(options: AttributeStoreOptions) {
    this.#keys = new Keys(options.namespace)
    this.#timeoutMs = atLeast(1, 'timeoutMs', options.timeoutMs ?? 15)
    this.#maxBytes = atLeast(1, 'maxBytes', options.maxBytes ?? 65_536)
    this.#onError = options.onError
    this.#cache = cacheOf(options)
    this.#breaker = circuitBreaker(handleWhen(isDown), {
      breaker: new ConsecutiveBreaker(atLeast(1, 'failures', options.failures ?? 5)),
      halfOpenAfter: atLeast(1, 'retryMs', options.retryMs ?? 1_000),
    })
    this.#connection = new Connection(options.url, options.client, (error) => tell(this.#onError, error))
  }

  /**
   * The attributes of a visitor. Never rejects, and takes no longer than `timeoutMs`, whatever the id and whatever Redis does.
   *
   * @example
   * ```ts
   * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
   * await store.get(undefined) // { source: 'default' }
   * await store.close()
   * ```
   */
  async get(visitorId: unknown): Promise<Found> {
    const found = await this.#find(visitorId)
    this.#counts[found.source] += 1
    return found
  }

  /**
   * Whether Redis is connected, now or within so many milliseconds: for a server that would rather begin with its
   * attributes. Never rejects.
   *
   * @example
   * ```ts
   * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
   * await store.ready(50) // false
   * await store.close()
   * ```
   */
  ready(timeoutMs = 1_000): Promise<boolean> {
    return this.#connection.ready(timeoutMs)
  }

  /**
   * What the store did so far.
   *
   * @example
   * ```ts
   * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
   * store.stats().open // false
   * await store.close()
   * ```
   */
  stats(): AttributeStoreStats {
    return { ...this.#counts, open: this.#breaker.state !== CircuitState.Closed }
  }

  /**
   * Forgets what it remembers, and ends the connection if it is the store's own. Never rejects.
   *
   * @example
   * ```ts
   * const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'shop' })
   * await store.close()
   * (await store.get('visitor-1')).source // 'default'
   * ```
   */
  async close(): Promise<void> {
    this.#cache?.clear()
    this.#connection.close()
  }

  #find(id: unknown): Found | Promise<Found> {
    if (!isId(id)) return DEFAULT
    const known = this.#cache?.get(id)
    if (known === undefined) return this.#asked.get(id) ?? this.#ask(id)
    return known === NOTHING ? DEFAULT : { attributes: known, source: 'cache' }
  }

  #ask(id: string): Found | Promise<Found> {
    // While one visitor tries Redis, the others do not wait for how it ends.
    if (this.#breaker.state === CircuitState.HalfOpen) {
      this.#counts.skipped += 1
      return DEFAULT
    }
    const found = this.#breaker
      .execute(() => inTime(this.#timeoutMs, this.#read(id)))
      .catch((error: Error) => this.#failed(error))
      .finally(() => this.#asked.delete(id))
    this.#asked.set(id, found)
    return found
  }

  /** Reads a visitor. It goes on when its time is over: a late answer is there for the visitor's next request. */
  async #read(id: string): Promise<Found> {
    const document = await this.#look(id)
    if (document === undefined) {
      this.#cache?.set(id, NOTHING, { ttl: Math.min(this.#cache.ttl, NOTHING_MS) })
      return DEFAULT
    }
    // A copy: what the client gives is a view of all that its socket read at once.
    this.#cache?.set(id, copy(document))
    return { attributes: document, source: 'redis' }
  }

  /** The visitor's document. Every question reads the pointer too, so that an answer never stands on an old one. */
  async #look(id: string): Promise<Buffer | undefined> {
    for (let flip = 0; flip <= FLIPS; flip += 1) {
      const asked = this.#generations
      const keys = asked === undefined ? [] : this.#keys.visitor(id, asked)
      const [pointer, ...documents] = await this.#connection.values([this.#keys.pointer, ...keys])
      this.#generations = this.#pointed(pointer)
      if (same(asked, this.#generations)) return this.#first(documents)
    }
    throw new Error(`${this.#keys.pointer} changes faster than it can be followed`)
  }

  #pointed(pointer: unknown): Generations | undefined {
    if (!Buffer.isBuffer(pointer)) return undefined
    const generations = pointer.length <= this.#maxBytes ? readPointer(pointer) : undefined
    if (generations === undefined) this.#refuse(this.#keys.pointer, pointer)
    return generations
  }

  /** The first document there is, if it can be read. */
  #first(documents: unknown[]): Buffer | undefined {
    const document = documents.find((value) => Buffer.isBuffer(value))
    if (document === undefined) {
      this.#counts.unknown += 1
      return undefined
    }
    if (document.length > this.#maxBytes || jsonObject(document) === undefined) {
      return this.#refuse('the document of a visitor', document)
    }
    return document
  }

  #refuse(what: string, found: Buffer): undefined {
    this.#counts.unusable += 1
    tell(this.#onError, new Error(`${what} must be a JSON object of at most ${this.#maxBytes} bytes, got ${found.length} bytes`))
  }

  #failed(error: Error): Found {
    if (isBrokenCircuitError(error)) {
      this.#counts.skipped += 1
      return DEFAULT
    }
    const late = error instanceof LateError
    this.#counts[late ? 'timeouts' : 'errors'] += 1
    if (late) this.#connection.late()
    tell(this.#onError, error)
    return DEFAULT
  }
}

/** Redis did not answer within the budget. */
class LateError extends Error {
  override readonly name = 'LateError'
}

/** A promise's outcome, or {@link LateError} when it takes longer. What has arrived while the process was busy is in time. */
function inTime<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new LateError(`Redis did not answer within ${ms} ms`))
    // Timers run before the sockets are read, and immediates after.
    const timer = setTimeout(setImmediate, ms, late)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Redis that answers, be it with an error, is not down. */
function isDown(error: Error): boolean {
  return !(error instanceof ErrorReply)
}

function copy(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(own)
  return own
}

function same(a: Generations | undefined, b: Generations | undefined): boolean {
  return a?.current === b?.current && a?.previous === b?.previous
}

function cacheOf(options: AttributeStoreOptions): LRUCache<string, Known> | undefined {
  const ttl = atLeast(0, 'cacheMs', options.cacheMs ?? 5_000)
  const max = atLeast(1, 'cacheSize', options.cacheSize ?? 5_000, MOST_KEPT)
  const maxSize = atLeast(1, 'cacheBytes', options.cacheBytes ?? 8 * 1_024 * 1_024)
  const sizeCalculation = (known: Known, id: string) => ENTRY_BYTES + id.length + (known === NOTHING ? 0 : known.length)
  return ttl === 0 ? undefined : new LRUCache({ max, maxSize, ttl, sizeCalculation })
}
