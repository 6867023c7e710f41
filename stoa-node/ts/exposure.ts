// Who has seen what: handed over inside a request, written in batches behind it.
import { ExponentialBackoff, handleAll, retry, timeout, TimeoutStrategy, wrap } from 'cockatiel'
import { LRUCache } from 'lru-cache'

import type { Decision, Reason } from './decision'
import { atLeast, MAX_ID_BYTES, MOST_KEPT, tell } from './options'

/** One visitor has seen one variant: a row of the table that an analysis reads. */
export interface Exposure {
  readonly experiment: string
  /** Key of the variant shown. */
  readonly variant: string
  /** The visitor's id, as it was decided for. */
  readonly unit: string
  /** When it was shown. */
  readonly time: Date
  /** Where the attributes came from: `cache`, `redis`, `default`, or a word of the app's. */
  readonly source: string
  /** The bundle's content hash. */
  readonly version: string
  /** Why it was shown; `in_holdout` counts in the holdout's analysis alone. */
  readonly reason: Reason
}

/** Options of {@link Exposures}. */
export interface ExposuresOptions {
  /** Puts a batch where exposures are kept. A batch that it throws or rejects on is tried again. */
  readonly write: (batch: readonly Exposure[]) => Promise<void> | void
  /** Rows in a batch, at most; 500. */
  readonly maxBatch?: number
  /** Milliseconds that a row waits for others, at most; 1,000. */
  readonly flushMs?: number
  /** Rows waiting to be written, at most; more are dropped, and counted; 10,000. */
  readonly maxPending?: number
  /** Pairs of experiment and visitor that are remembered, so that each is written once; 50,000. */
  readonly remembered?: number
  /** Milliseconds that one `write` may take; 10,000. */
  readonly writeMs?: number
  /** How often a batch is tried again before it is dropped, and counted; 5, the pauses doubling from 100 ms to 5 s. */
  readonly retries?: number
  /** Told of every write that failed. */
  readonly onError?: (error: unknown) => void
}

/** What became of the exposures so far. */
export interface ExposuresStats {
  /** Rows taken in. */
  readonly taken: number
  /** Rows not taken in, because their pair was remembered. */
  readonly repeated: number
  /** Rows that `write` accepted. */
  readonly written: number
  /** Rows given up: no room, no usable id, closed, or never accepted. */
  readonly dropped: number
  /** Rows not yet written. */
  readonly pending: number
  /** Writes that failed. */
  readonly failures: number
}

/**
 * The exposure of a decision that was shown; undefined when it counts in no analysis.
 *
 * @example
 * ```ts
 * import { exposureOf } from 'stoa-node'
 * exposureOf(decision, 'visitor-1', 'redis')?.reason // 'assigned'
 * exposureOf(engine.decide('free_shipping', 'visitor-1'), 'visitor-1', 'default') // undefined
 * ```
 */
export function exposureOf(decision: Decision, unit: string, source: string, time = new Date()): Exposure | undefined {
  const { experiment, variant, exposes, version, reason } = decision
  if (exposes === 'none' || variant === null) return undefined
  return { experiment, variant, unit, time, source, version, reason }
}

/**
 * Takes exposures inside requests and writes them in batches behind them, each pair of experiment and visitor once, as
 * far as it remembers. `add` never throws and never waits; what it cannot keep is dropped and counted. A row may still be written
 * twice (by two processes, or when a write succeeded and did not say so): an analysis counts the first.
 *
 * @throws {@link StoaError} `out_of_range` for an option that is no whole number in its range.
 * @example
 * ```ts
 * import { Exposures, exposureOf } from 'stoa-node'
 * const rows = []
 * const exposures = new Exposures({ write: (batch) => void rows.push(...batch) })
 * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
 * exposures.add(exposureOf(decision, 'visitor-1', 'cache'))
 * await exposures.close()
 * rows.length // 1
 * exposures.stats().repeated // 1
 * ```
 */
export class Exposures {
  readonly #write: (batch: readonly Exposure[]) => Promise<void>
  readonly #maxBatch: number
  readonly #flushMs: number
  readonly #maxPending: number
  readonly #seen: LRUCache<string, true>
  readonly #counts = { taken: 0, repeated: 0, written: 0, dropped: 0, failures: 0 }
  /** Rows in the order they came; those of the batch being written stay until it is settled. */
  #waiting: Exposure[] = []
  #timer: NodeJS.Timeout | undefined
  #draining: Promise<void> | undefined
  #closed = false
  /** Aborted when nothing is tried any more. */
  readonly #end = new AbortController()

  constructor(options: ExposuresOptions) {
    this.#write = this.#patient(options)
    this.#maxBatch = atLeast(1, 'maxBatch', options.maxBatch ?? 500)
    this.#flushMs = atLeast(0, 'flushMs', options.flushMs ?? 1_000)
    this.#maxPending = atLeast(1, 'maxPending', options.maxPending ?? 10_000)
    this.#seen = new LRUCache({ max: atLeast(1, 'remembered', options.remembered ?? 50_000, MOST_KEPT) })
  }

  /**
   * Takes an exposure in; undefined and null are none. Never throws.
   *
   * @example
   * ```ts
   * const exposures = new Exposures({ write: async () => {} })
   * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
   * exposures.stats().pending // 1
   * ```
   */
  add(exposure: Exposure | null | undefined): void {
    if (exposure === undefined || exposure === null) return
    const pair = pairOf(exposure)
    if (this.#closed || this.#waiting.length >= this.#maxPending || pair === undefined) {
      this.#counts.dropped += 1
      return
    }
    if (this.#seen.has(pair)) {
      this.#counts.repeated += 1
      return
    }
    this.#seen.set(pair, true)
    this.#counts.taken += 1
    this.#waiting.push(exposure)
    if (this.#waiting.length >= this.#maxBatch) void this.flush()
    else this.#timer ??= setTimeout(() => void this.flush(), this.#flushMs).unref()
  }

  /**
   * Writes what is waiting; settled when all of it is written or given up. Never rejects.
   *
   * @example
   * ```ts
   * const exposures = new Exposures({ write: async () => {} })
   * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
   * await exposures.flush()
   * exposures.stats().written // 1
   * ```
   */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // A microtask later, so that a write that throws or blocks does it outside the request's own call.
    return (this.#draining ??= Promise.resolve().then(() => this.#drain()))
  }

  /**
   * Takes nothing more in and writes what is waiting, for so many milliseconds; what is left then is dropped. Call it
   * before the process ends. Never rejects.
   *
   * @example
   * ```ts
   * const exposures = new Exposures({ write: () => new Promise(() => {}) })
   * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
   * await exposures.close(20)
   * exposures.stats().dropped // 1
   * ```
   */
  async close(timeoutMs = 5_000): Promise<void> {
    this.#closed = true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)))
    await Promise.race([this.flush(), late])
    clearTimeout(timer)
    this.#end.abort()
    this.#counts.dropped += this.#waiting.length
    this.#waiting = []
  }

  /**
   * What became of the exposures so far.
   *
   * @example
   * ```ts
   * new Exposures({ write: async () => {} }).stats().dropped // 0
   * ```
   */
  stats(): ExposuresStats {
    return { ...this.#counts, pending: this.#waiting.length }
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = Object.freeze(this.#waiting.slice(0, this.#maxBatch))
      const written = await this.#write(batch).then(
        () => true,
        () => false,
      )
      // Closed meanwhile: the rows are counted already.
      if (this.#waiting[0] !== batch[0]) break
      this.#waiting.splice(0, batch.length)
      this.#counts[written ? 'written' : 'dropped'] += batch.length
      if (!written) for (const exposure of batch) this.#seen.delete(pairOf(exposure) ?? '')
    }
    this.#draining = undefined
  }

  /** `write`, bounded in time, tried again after a pause, its failures counted and told. */
  #patient({ write, retries, writeMs, onError }: ExposuresOptions): (batch: readonly Exposure[]) => Promise<void> {
    const again = retry(handleAll, {
      maxAttempts: atLeast(0, 'retries', retries ?? 5),
      backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 5_000 }),
    })
    const bounded = timeout(atLeast(1, 'writeMs', writeMs ?? 10_000), TimeoutStrategy.Aggressive)
    bounded.onFailure(({ reason }) => {
      this.#counts.failures += 1
      tell(onError, 'error' in reason ? reason.error : reason)
    })
    const policy = wrap(again, bounded)
    return (batch) => policy.execute(() => write(batch), this.#end.signal)
  }
}

/**
 * What is remembered of a row; undefined when it is none. Neither a key of an experiment nor an id that is decided for is
 * long, so neither is the pair.
 */
function pairOf(exposure: Exposure): string | undefined {
  try {
    const { experiment, unit } = exposure
    const usable = typeof unit === 'string' && unit !== '' && Buffer.byteLength(unit) <= MAX_ID_BYTES
    return usable ? `${experiment}\0${unit}` : undefined
  } catch {
    return undefined
  }
}
