import type { EdgePlan, Instant, Node } from './plan.mjs';
import { type Visitor } from './visitor.mjs';
/** A visitor at an instant, and whether a membership was asked for that today's rule did not judge. */
export interface Asked {
    readonly visitor: Visitor;
    readonly now: Instant;
    stale: boolean;
}
/** A rule made ready. */
export type Judge = (asked: Asked) => boolean | undefined;
/** Makes a rule of the plan ready. */
export declare function judgeOf(node: Node, plan: EdgePlan): Judge;
