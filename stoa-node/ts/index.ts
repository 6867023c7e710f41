/**
 * The experimentation loop of a single store: segment rules, assignment inside a request, Bayesian readouts.
 *
 * @packageDocumentation
 */
import { native } from './addon'

export { StoaError, type Problem } from './error'

/**
 * Version of the engine.
 *
 * @example
 * ```ts
 * import { version } from 'stoa-node'
 * console.log(version) // '0.1.0'
 * ```
 */
export const version: string = native.version()
