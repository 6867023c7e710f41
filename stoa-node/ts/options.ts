// Options of the parts that run in a storefront's process, and what they share.
import { refuse } from './error'

/** The longest id that the engine decides for, in bytes of UTF-8; who has a longer one is shown no experiment. */
export const MAX_ID_BYTES = 1_024

/** The longest span that timers keep, in milliseconds: 24 days. */
const LONGEST = 2 ** 31 - 1
/** The most things that memory is set aside for before they come. */
export const MOST_KEPT = 10_000_000

/** A whole number from `least` to `most`. */
export function atLeast(least: number, field: string, value: number, most = LONGEST): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw refuse('out_of_range', field, `must be a whole number from ${least} to ${most}`, value)
}

/** Calls a hook, whose own errors are nobody's business in a request. */
export function tell(hook: ((error: unknown) => void) | undefined, error: unknown): void {
  try {
    hook?.(error)
  } catch {
    // There is no one left to tell.
  }
}
