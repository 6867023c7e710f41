import type { Cookies } from 'cookie';
import type { Decision, ExperimentKey } from './decision';
import type { Attributes } from './document';
import type { Engine } from './engine';
import { type Qa } from './qa';
import type { SignedCookie } from './signed-cookie';
import { type VisitorId } from './visitor-cookie';
/** What a request knows of its visitor, and the decisions made of it. Frozen; its functions may be taken apart. */
export interface Visit {
    /** The visitor's id. */
    readonly visitorId: string;
    /** Where the attributes came from: the store's word, `request` for a function's, `default` where there are none. */
    readonly source: string;
    /** Whether a signed link overrides decisions in this browser, which exposes nothing then: mark its orders by it. */
    readonly qa: boolean;
    /** Decides, for a page that shows the variant: the visitor is exposed once the page is out. */
    decide<K extends ExperimentKey>(experiment: K): Decision<K>;
    /** Key of the variant that `decide` gives; exposes as it does. */
    variant<K extends ExperimentKey>(experiment: K): Decision<K>['variant'];
    /** The same decision, for a page that does not show it: exposes nothing. */
    peek<K extends ExperimentKey>(experiment: K): Decision<K>;
}
/** The signed cookie of sticky experiments, for one request. */
export interface Sticky {
    /** What the visitor has been shown. */
    readonly memory?: string | undefined;
    /** Whether the cookie is to be dated anew. */
    readonly old?: boolean;
    /** A cookie was there and is not taken. */
    readonly refused?: 'tampered' | 'expired' | 'foreign';
}
/** Reads the sticky cookie of this visitor. Never throws for what it holds. */
export declare function readSticky(cookie: SignedCookie, carried: Cookies, unit: string): Promise<Sticky>;
/** What was read for one request. */
export interface Known {
    readonly engine: Engine;
    readonly visitor: VisitorId;
    readonly attributes: Attributes;
    readonly source: string;
    readonly qa: Qa;
    readonly sticky: Sticky;
}
/** The decisions of one request: each made once, at one instant, by one engine. */
export declare class Decisions {
    #private;
    constructor(known: Known, onShown: (decision: Decision) => void);
    /** What a loader is given. */
    get visit(): Visit;
    /** The sticky cookie to set after the decisions shown so far; undefined when the one there still says it all. */
    stickyCookie(cookie: SignedCookie, secure: boolean): Promise<string | 'too_large' | undefined>;
}
