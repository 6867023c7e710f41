import type * as Native from '../lib/native';
/** The native addon. */
export declare const native: typeof Native;
