// Options of the parts that run in a storefront's process, and what they share.
import { refuse } from './error'

/** The longest id that the engine decides for, in bytes of UTF-8; who has a longer one is shown no experiment. */
export const MAX_ID_BYTES = 1_024

/** A whole number that is at least `least`. */
export function atLeast(least: number, field: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw refuse('out_of_range', field, `must be a whole number of at least ${least}`, value)
}

/** Calls a hook, whose own errors are nobody's business in a request. */
export function tell(hook: ((error: unknown) => void) | undefined, error: unknown): void {
  try {
    hook?.(error)
  } catch {
    // There is no one left to tell.
  }
}
