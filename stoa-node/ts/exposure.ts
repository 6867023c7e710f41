import { ExponentialBackoff, handleAll, retry } from 'cockatiel'
import { lru } from 'tiny-lru'

import type { Decision, Reason } from './engine'
import { atLeast } from './options'

/** One visitor has been shown one variant: a row of the table that an analysis reads. */
export interface Exposure {
  readonly experiment: string
  /** Key of the variant that was shown. */
  readonly variant: string
  /** The visitor's id, as it was decided for. */
  readonly unit: string
  /** When it was shown. */
  readonly time: Date
  /** Where the attributes came from: `cache`, `redis`, `default`, or a name of the app's own. */
  readonly source: string
  /** The bundle's content hash. */
  readonly version: string
  readonly reason: Reason
}

/** Options of {@link Exposures}. */
export interface ExposuresOptions {
  /** Takes a batch to where exposures are kept. What it throws or rejects with is tried again. */
  readonly write: (batch: readonly Exposure[]) => void | Promise<void>
  /** Rows of one batch, at most; 500. */
  readonly maxBatch?: number
  /** Milliseconds that a row waits for company, at most; 1,000. */
  readonly flushMs?: number
  /** Rows waiting to be written, at most; beyond it new ones are dropped, and counted; 10,000. */
  readonly maxPending?: number
  /** Pairs of experiment and visitor that are remembered, so that each is written once; 100,000. */
  readonly remembered?: number
  /** How often a batch that could not be written is tried again before it is dropped, and counted; 5. */
  readonly retries?: number
  /** Told of every batch that could not be written. */
  readonly onError?: (error: unknown) => void
}

/** What a sink has done so far. */
export interface ExposuresStats {
  /** Rows that were taken. */
  readonly taken: number
  /** Rows that had been taken before. */
  readonly repeated: number
  /** Rows that `write` has accepted. */
  readonly written: number
  /** Rows that were given up: too many waiting, or never accepted. */
  readonly dropped: number
  /** Attempts of `write` that failed. */
  readonly failures: number
  /** Rows not yet written. */
  readonly pending: number
}

/**
 * The row for a decision that was shown, nothing for one that counts in no analysis.
 *
 * @example
 * ```ts
 * exposureOf(decision, 'visitor-1', 'redis', new Date('2026-01-31')).variant === decision.variant // true
 * exposureOf(engine.decide('free_shipping', 'visitor-1'), 'visitor-1', 'default') // undefined
 * ```
 */
export function exposureOf(decision: Decision, unit: string, source: string, time = new Date()): Exposure | undefined {
  const { experiment, variant, version, reason, exposes } = decision
  if (exposes === 'none' || variant === null) return undefined
  return { experiment, variant, unit, time, source, version, reason }
}

/**
 * Takes exposures inside requests and writes them in batches behind them: each experiment and visitor once, as far as it
 * remembers. An analysis counts a visitor's first exposure, so a row that is written twice, by two processes say, does no
 * harm.
 *
 * @example
 * ```ts
 * import { Exposures, exposureOf } from 'stoa-node'
 * const rows = []
 * const exposures = new Exposures({ write: (batch) => void rows.push(...batch) })
 * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
 * exposures.add(exposureOf(decision, 'visitor-1', 'redis'))
 * await exposures.close()
 * rows.length // 1
 * exposures.stats().repeated // 1
 * ```
 */
export class Exposures {
  readonly #write: ExposuresOptions['write']
  readonly #onError: (error: unknown) => void
  readonly #maxBatch: number
  readonly #flushMs: number
  readonly #maxPending: number
  readonly #seen
  readonly #retry
  readonly #counts = { taken: 0, repeated: 0, written: 0, dropped: 0, failures: 0 }
  #waiting: Exposure[] = []
  /** Rows that are being written now. */
  #underway = 0
  #timer: NodeJS.Timeout | undefined
  /** The end of the batches written so far: one at a time, in order. */
  #last: Promise<void> = Promise.resolve()

  /** @throws {@link StoaError} `out_of_range` for a number that cannot be. */
  constructor(options: ExposuresOptions) {
    this.#write = options.write
    this.#onError = options.onError ?? (() => {})
    this.#maxBatch = atLeast(1, 'maxBatch', options.maxBatch ?? 500)
    this.#flushMs = atLeast(0, 'flushMs', options.flushMs ?? 1_000)
    this.#maxPending = atLeast(1, 'maxPending', options.maxPending ?? 10_000)
    this.#seen = lru<true>(atLeast(1, 'remembered', options.remembered ?? 100_000))
    this.#retry = retry(handleAll, {
      maxAttempts: atLeast(0, 'retries', options.retries ?? 5),
      backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 5_000 }),
    }).dangerouslyUnref()
  }

  /** Takes an exposure, or nothing. Never throws and never waits: what it cannot take is counted. */
  add(exposure: Exposure | undefined): void {
    if (exposure === undefined) return
    const pair = JSON.stringify([exposure.experiment, exposure.unit])
    if (this.#seen.get(pair)) {
      this.#counts.repeated += 1
      return
    }
    if (this.#pending() >= this.#maxPending) {
      // Not remembered: shown again when there is room, it is written then.
      this.#counts.dropped += 1
      return
    }
    this.#seen.set(pair, true)
    this.#counts.taken += 1
    this.#waiting.push(exposure)
    if (this.#waiting.length >= this.#maxBatch) void this.flush()
    else this.#timer ??= setTimeout(() => void this.flush(), this.#flushMs).unref()
  }

  /** Writes what is waiting; settled when it, and all before it, has been written or given up. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#maxBatch)
      this.#underway += batch.length
      this.#last = this.#last.then(() => this.#send(batch))
    }
    return this.#last
  }

  /** Writes what is waiting, when the process is about to end. */
  close(): Promise<void> {
    return this.flush()
  }

  /** What has been taken, written and given up so far. */
  stats(): ExposuresStats {
    return { ...this.#counts, pending: this.#pending() }
  }

  #pending(): number {
    return this.#waiting.length + this.#underway
  }

  async #send(batch: Exposure[]): Promise<void> {
    try {
      await this.#retry.execute(() => this.#attempt(batch))
      this.#counts.written += batch.length
    } catch {
      this.#counts.dropped += batch.length
    }
    this.#underway -= batch.length
  }

  async #attempt(batch: Exposure[]): Promise<void> {
    try {
      await this.#write(batch)
    } catch (error) {
      this.#counts.failures += 1
      tell(this.#onError, error)
      throw error
    }
  }
}

/** Calls a hook, whose own errors are nobody's business in a request. */
export function tell(hook: (error: unknown) => void, error: unknown): void {
  try {
    hook(error)
  } catch {
    // There is no one left to tell.
  }
}
