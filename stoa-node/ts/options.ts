// Options of the parts that run in a storefront's process.
import { refuse } from './error'

/** A whole number that is at least `least`. */
export function atLeast(least: number, field: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw refuse('out_of_range', field, `must be a whole number of at least ${least}`, value)
}
