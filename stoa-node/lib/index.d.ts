export { StoaError, type Problem } from './error';
/**
 * Version of the engine.
 *
 * @example
 * ```ts
 * import { version } from 'stoa-node'
 * console.log(version) // '0.1.0'
 * ```
 */
export declare const version: string;
