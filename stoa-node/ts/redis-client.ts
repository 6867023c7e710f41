// The connection to Redis: a client of our own that comes back by itself, or the app's.
import { createClient, RESP_TYPES } from 'redis'

import { refuse } from './error'

const AS_BYTES = { [RESP_TYPES.BLOB_STRING]: Buffer }

/** What is asked of a client, pool or cluster of the `redis` package (5 or 6). */
export interface RedisClient {
  /** Whether it is connected; where it says no, nothing is asked of it. */
  readonly isReady?: boolean
  withTypeMapping(mapping: typeof AS_BYTES): {
    get(key: string): Promise<unknown>
    mGet(keys: string[]): Promise<unknown>
  }
  on(event: 'error' | 'ready', listener: (error: Error) => void): unknown
  off(event: 'error' | 'ready', listener: (error: Error) => void): unknown
}

/** Longest pause between two attempts to connect, and longest attempt, in milliseconds. */
const RECONNECT_MS = 1_000
/** Milliseconds without any answer after which a connection that looks alive is made anew. */
const SILENT_MS = 2_000

/** A connection, its values as bytes. */
export class Connection {
  #client: RedisClient
  #values: (keys: string[]) => Promise<unknown>
  /** When the first question was asked that has not been answered since. */
  #askedAt: number | undefined
  /** Ends our own client; undefined when the client is the app's. */
  #end: (() => void) | undefined
  readonly #url: string | undefined
  readonly #onError: (error: unknown) => void

  constructor(url: string | undefined, client: RedisClient | undefined, onError: (error: unknown) => void) {
    if ((url === undefined) === (client === undefined)) {
      throw refuse('missing_field', 'url', 'or client must be given, and not both', url)
    }
    this.#url = url
    this.#onError = onError
    this.#client = client ?? this.#connect()
    this.#values = reader(this.#client)
    // Without a listener of this event Node ends the process.
    this.#client.on('error', onError)
  }

  /** Values of keys, in one question; what is no value, or of another type, is no Buffer. */
  async values(keys: string[]): Promise<unknown[]> {
    if (this.#client.isReady === false) throw new Error('Redis is not connected')
    this.#askedAt ??= performance.now()
    const values = await this.#values(keys)
    this.#askedAt = undefined
    return Array.isArray(values) ? values : []
  }

  /** Told that an answer is late: our own connection is made anew when it has been silent for long. */
  late(): void {
    const silent = this.#askedAt === undefined ? 0 : performance.now() - this.#askedAt
    if (silent < SILENT_MS || this.#end === undefined || this.#client.isReady === false) return
    this.#end()
    this.#askedAt = undefined
    this.#client = this.#connect()
    this.#client.on('error', this.#onError)
    this.#values = reader(this.#client)
  }

  /** Whether it is connected, now or within so many milliseconds. */
  ready(timeoutMs: number): Promise<boolean> {
    const client = this.#client
    if (client.isReady !== false) return Promise.resolve(true)
    return new Promise((resolve) => {
      const done = (is: boolean) => {
        clearTimeout(timer)
        client.off('ready', yes)
        resolve(is)
      }
      const yes = () => done(true)
      const timer = setTimeout(done, timeoutMs, false)
      client.on('ready', yes)
    })
  }

  /** Ends our own client; the app's stays as it is. */
  close(): void {
    if (this.#end === undefined) this.#client.off('error', this.#onError)
    this.#end?.()
    this.#end = undefined
  }

  #connect(): RedisClient {
    const client = clientOf({
      url: this.#url as string,
      // What cannot be sent now is of no use later.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: RECONNECT_MS,
        // Not all processes of a shop at the same moment.
        reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, RECONNECT_MS) * (0.5 + Math.random() / 2),
      },
    })
    this.#end = () => client.destroy()
    // Rejects when it is closed before it could connect; all other failures are its error events.
    client.connect().catch(() => {})
    return client
  }
}

/** A client; an address that is none is refused without being told, since it may hold a password. */
function clientOf(options: Parameters<typeof createClient>[0]): ReturnType<typeof createClient> {
  try {
    return createClient(options)
  } catch (error) {
    throw refuse('out_of_range', 'url', 'must be a redis:// or rediss:// address', (error as Error).message)
  }
}

/** What asks for values: the keys of a cluster lie on several nodes, which no single MGET reaches. */
function reader(client: RedisClient): (keys: string[]) => Promise<unknown> {
  const bytes = client.withTypeMapping(AS_BYTES)
  if ('masters' in client) return (keys) => Promise.all(keys.map((key) => bytes.get(key)))
  return (keys) => bytes.mGet(keys)
}
