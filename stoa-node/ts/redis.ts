/**
 * Attributes of visitors from Redis, inside a request: within a budget, and never in the way of the page.
 *
 * Keys are those of DESIGN §9: `stoa:NAMESPACE:current` holds `{"current": GENERATION, "previous": GENERATION}`, and
 * `stoa:NAMESPACE:attr:GENERATION:VISITOR` a visitor's document. A push writes a whole new generation, then flips the
 * pointer.
 *
 * @packageDocumentation
 */
import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
  isTaskCancelledError,
  timeout,
  TimeoutStrategy,
  wrap,
  type IPolicy,
} from 'cockatiel'
import { createClient, ErrorReply, RESP_TYPES } from 'redis'
import { lru } from 'tiny-lru'

import { refuse } from './error'
import { tell } from './exposure'
import { atLeast } from './options'

/** What a visitor's attributes are, and where they were found. */
export interface Found {
  /** The visitor's document as it is stored, for {@link Engine.decide}; nothing when none was found in time. */
  readonly attributes: Buffer | undefined
  /** `cache`: this process's memory; `redis`; `default`: nothing is known, or Redis did not say in time. */
  readonly source: 'cache' | 'redis' | 'default'
}

/** What an {@link AttributeStore} asks of a client or a cluster of the `redis` package. */
export interface RedisReader {
  withTypeMapping(mapping: { [RESP_TYPES.BLOB_STRING]: BufferConstructor }): {
    get(key: string): Promise<Buffer | null>
    mGet(keys: string[]): Promise<(Buffer | null)[]>
  }
}

/** Options of an {@link AttributeStore}; one of `url` and `client` is needed. */
export interface AttributeStoreOptions {
  /** Where Redis is, `redis://host:6379`: the store makes a client of its own, and {@link AttributeStore.close} ends it. */
  readonly url?: string
  /** A client, pool or cluster of the app's; it stays the app's, with its errors and its end. */
  readonly client?: RedisReader
  /** The shop's part of every key: letters, digits, `_`, `-` and `.`, at most 64. */
  readonly namespace: string
  /** Milliseconds that one {@link AttributeStore.get} may take; 15. */
  readonly timeoutMs?: number
  /** Failures in a row after which Redis is left alone; 5. */
  readonly failures?: number
  /** Milliseconds until it is tried again, by one request; 1,000. */
  readonly retryMs?: number
  /** Milliseconds that a visitor's attributes are kept in this process; 5,000, 0 for not at all. */
  readonly cacheMs?: number
  /** Visitors kept, at most; 5,000. */
  readonly cacheSize?: number
  /** Bytes of a visitor's document, at most: a larger one is left where it is; 65,536. */
  readonly maxBytes?: number
  /** Told of every failure. */
  readonly onError?: (error: unknown) => void
}

/** What a store has seen so far. */
export interface AttributeStoreStats {
  /** Answers, by where they came from. */
  readonly cache: number
  readonly redis: number
  readonly default: number
  /** Visitors of whom Redis knows nothing. */
  readonly unknown: number
  /** Documents larger than allowed, and pointers that are none. */
  readonly unusable: number
  /** Requests that Redis did not answer in time. */
  readonly timeouts: number
  /** Requests that failed otherwise. */
  readonly errors: number
  /** Requests that did not ask, because Redis had failed just before. */
  readonly skipped: number
  /** Whether Redis is being left alone now. */
  readonly open: boolean
}

/** As much of a client as the store needs of its own. */
interface Client extends RedisReader {
  readonly isOpen: boolean
  destroy(): void
}

interface Pointer {
  readonly generations: readonly string[]
  readonly readAt: number
}

/** Milliseconds that the pointer to the current generation is trusted. */
const POINTER_MS = 5_000
/** Milliseconds within which a visitor that is in no generation does not have the pointer read again. */
const POINTER_FRESH_MS = 250
/** Bytes of an id that the engine takes. */
const MAX_ID_BYTES = 1_024
/** Bytes of a document that is worth keeping: with `cacheSize` it bounds what the process holds. */
const CACHED_BYTES = 4_096
const NAME = /^[A-Za-z0-9_.-]{1,64}$/
const NOTHING: Found = Object.freeze({ attributes: undefined, source: 'default' })

/**
 * Reads visitors' attributes from Redis. It answers within its budget whatever Redis does, and never rejects: a visitor
 * of whom nothing is known gets the control experience. After some failures in a row Redis is left alone for a second.
 *
 * ```ts
 * // import { AttributeStore } from 'stoa-node/redis'
 * // const store = new AttributeStore({ url: 'redis://localhost:6379', namespace: 'shop' })
 * // const { attributes, source } = await store.get(visitorId)
 * // engine.decide('free_shipping', visitorId, attributes)
 * ```
 */
export class AttributeStore {
  readonly #prefix: string
  readonly #reader: ReturnType<RedisReader['withTypeMapping']>
  /** The client that the store made. */
  #own: Client | undefined
  readonly #policy: IPolicy
  readonly #breaker
  readonly #cache: ReturnType<typeof lru<Found>> | undefined
  readonly #maxBytes: number
  readonly #onError: (error: unknown) => void
  readonly #counts = { cache: 0, redis: 0, default: 0, unknown: 0, unusable: 0, timeouts: 0, errors: 0, skipped: 0 }
  #pointer: Pointer = { generations: [], readAt: -Infinity }
  #pointing: Promise<Pointer> | undefined

  /** @throws {@link StoaError} `out_of_range` for an option that cannot be, `missing_field` without a Redis. */
  constructor(options: AttributeStoreOptions) {
    const { namespace, url, client } = options
    if (typeof namespace !== 'string' || !NAME.test(namespace)) {
      throw refuse('out_of_range', 'namespace', 'must be 1 to 64 letters, digits, _, - and .', namespace)
    }
    this.#prefix = `stoa:${namespace}:`
    this.#onError = options.onError ?? (() => {})
    this.#maxBytes = atLeast(1, 'maxBytes', options.maxBytes ?? 65_536)
    const cacheMs = atLeast(0, 'cacheMs', options.cacheMs ?? 5_000)
    const cacheSize = atLeast(1, 'cacheSize', options.cacheSize ?? 5_000)
    this.#cache = cacheMs > 0 ? lru<Found>(cacheSize, cacheMs) : undefined
    this.#breaker = circuitBreaker(handleWhen(isDown), {
      breaker: new ConsecutiveBreaker(atLeast(1, 'failures', options.failures ?? 5)),
      halfOpenAfter: atLeast(1, 'retryMs', options.retryMs ?? 1_000),
    })
    const budget = timeout(atLeast(1, 'timeoutMs', options.timeoutMs ?? 15), TimeoutStrategy.Aggressive)
    // Inside the breaker, which must see what takes too long; around it, for those that wait for the one that tries again.
    this.#policy = wrap(budget, this.#breaker, budget)
    const redis = client ?? (this.#own = connect(url, this.#onError))
    this.#reader = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
  }

  /** The attributes of a visitor. Never rejects, whatever the id, and never takes longer than the budget. */
  async get(visitorId: unknown): Promise<Found> {
    const found = await this.#find(visitorId)
    this.#counts[found.source] += 1
    return found
  }

  /** What the store has seen so far. */
  stats(): AttributeStoreStats {
    return { ...this.#counts, open: this.#breaker.state === CircuitState.Open }
  }

  /** Forgets what it keeps of visitors, and ends the connection if it is the store's own. Never rejects. */
  async close(): Promise<void> {
    this.#cache?.clear()
    if (this.#own?.isOpen) this.#own.destroy()
  }

  async #find(id: unknown): Promise<Found> {
    if (typeof id !== 'string' || id === '' || Buffer.byteLength(id) > MAX_ID_BYTES) return NOTHING
    const kept = this.#cache?.get(id)
    if (kept !== undefined) return kept
    try {
      const attributes = await this.#policy.execute(() => this.#read(id))
      return this.#keep(id, attributes)
    } catch (error) {
      this.#count(error)
      return NOTHING
    }
  }

  /** What the next requests of this visitor are answered with; not knowing them is worth remembering too. */
  #keep(id: string, attributes: Buffer | undefined): Found {
    if (attributes === undefined || attributes.length <= CACHED_BYTES) {
      this.#cache?.set(id, attributes === undefined ? NOTHING : Object.freeze({ attributes, source: 'cache' }))
    }
    return attributes === undefined ? NOTHING : { attributes, source: 'redis' }
  }

  /** The visitor's document in the current generation, or else in the one before; a new pointer is a new look. */
  async #read(id: string): Promise<Buffer | undefined> {
    const pointer = await this.#current(POINTER_MS)
    const found = await this.#lookUp(pointer, id)
    if (found !== null) return this.#fitting(found)
    const flipped = await this.#current(POINTER_FRESH_MS)
    const later = flipped.generations.join() === pointer.generations.join() ? null : await this.#lookUp(flipped, id)
    if (later !== null) return this.#fitting(later)
    this.#counts.unknown += 1
    return undefined
  }

  async #lookUp({ generations }: Pointer, id: string): Promise<Buffer | null> {
    if (generations.length === 0) return null
    const keys = generations.map((generation) => `${this.#prefix}attr:${generation}:${id}`)
    const [first, second] = await this.#values(keys)
    return first ?? second ?? null
  }

  /** The values of keys: in a cluster they lie on several nodes, which one MGET cannot ask. */
  #values(keys: string[]): Promise<(Buffer | null)[]> {
    if ('masters' in this.#reader) return Promise.all(keys.map((key) => this.#reader.get(key)))
    return this.#reader.mGet(keys)
  }

  #fitting(value: Buffer): Buffer | undefined {
    if (value.length <= this.#maxBytes) return value
    this.#counts.unusable += 1
    return undefined
  }

  /** The pointer, read again when it is older than `trusted` milliseconds; many requests wait for one reading. */
  #current(trusted: number): Promise<Pointer> {
    if (performance.now() - this.#pointer.readAt <= trusted) return Promise.resolve(this.#pointer)
    this.#pointing ??= this.#point().finally(() => (this.#pointing = undefined))
    return this.#pointing
  }

  async #point(): Promise<Pointer> {
    const text = await this.#reader.get(`${this.#prefix}current`)
    const generations = text === null ? [] : readPointer(text)
    if (generations === undefined) this.#counts.unusable += 1
    this.#pointer = { generations: generations ?? [], readAt: performance.now() }
    return this.#pointer
  }

  #count(error: unknown): void {
    if (isBrokenCircuitError(error)) {
      this.#counts.skipped += 1
      return
    }
    this.#counts[isTaskCancelledError(error) ? 'timeouts' : 'errors'] += 1
    tell(this.#onError, error)
  }
}

/** Redis answering with an error is not Redis being down. */
function isDown(error: Error): boolean {
  return !(error instanceof ErrorReply)
}

/** Generations that a pointer names, the current first; nothing when it is no pointer. */
function readPointer(text: Buffer): string[] | undefined {
  try {
    const { current, previous } = JSON.parse(text.toString()) as { current: unknown; previous?: unknown }
    const generations = [current, previous ?? undefined].filter((generation) => generation !== undefined)
    const named = generations.every((generation) => typeof generation === 'string' && NAME.test(generation))
    return named && typeof current === 'string' ? (generations as string[]) : undefined
  } catch {
    return undefined
  }
}

/** A client that never queues what it cannot send, and comes back within a second of Redis. */
function connect(url: string | undefined, onError: (error: unknown) => void): Client {
  if (url === undefined) throw refuse('missing_field', 'url', 'is required without a client', url)
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 1_000,
    socket: {
      connectTimeout: 1_000,
      keepAlive: true,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 800) + Math.floor(Math.random() * 100),
    },
  })
  client.on('error', (error) => tell(onError, error))
  client.connect().catch(() => {
    // Told by the error event; the strategy above goes on trying.
  })
  return client
}
