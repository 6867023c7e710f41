import type { Decision } from '../decision.js';
import type { Entry } from './checks.mjs';
/** Index of the experiment → index of its variant; an entry that this plan does not know is nothing. */
export declare function recall(text: unknown, entries: readonly Entry[], index: ReadonlyMap<string, number>): Map<number, number>;
/** The text to keep: what was shown before, and what these decisions assigned. */
export declare function remember(shown: Map<number, number>, decisions: readonly Decision[], entries: readonly Entry[], index: ReadonlyMap<string, number>): string;
