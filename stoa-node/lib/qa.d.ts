import { type Cookies } from 'cookie';
import type { Decision } from './decision';
import type { Engine } from './engine';
import { type Secret } from './signed-cookie';
/** What an override says; `until` in seconds since 1970. */
interface Override {
    readonly force: Readonly<Record<string, string>>;
    readonly until: number;
}
/** What a request says about overrides. */
export interface Qa {
    /** Experiment key → variant key; undefined where nothing is overridden. */
    readonly force?: Override['force'] | undefined;
    /** The `Set-Cookie` header that keeps or ends an override. */
    readonly setCookie?: string | undefined;
    /** An override was there and is not taken. */
    readonly refused?: 'tampered' | 'expired' | undefined;
}
/** Options of {@link qaLink}. */
export interface QaLinkOptions {
    /** The secret of {@link stoaMiddleware}; of several, the first signs. */
    readonly secret: Secret;
    /** Until when the link works; eight hours from now when left out. */
    readonly until?: Date;
}
/**
 * A link that shows its reader the named variants, in that browser and until it ends; `?stoa=off` ends it sooner. What is
 * forced is never exposed, so a link can be sent to everyone of the shop.
 *
 * @throws {@link StoaError} when there is no secret, or one is shorter than 32 characters.
 * @example
 * ```ts
 * import { qaLink } from 'stoa-node/react-router'
 * const link = await qaLink('https://shop.example/cart', { free_shipping: 'B' }, { secret: 'a'.repeat(32) })
 * link.startsWith('https://shop.example/cart?stoa=') // true
 * ```
 */
export declare function qaLink(url: string, force: Readonly<Record<string, string>>, options: QaLinkOptions): Promise<string>;
/** Reads overrides: the link's, and where it has none to take, the cookie's. */
export declare class QaReader {
    #private;
    constructor(secret: Secret, domain?: string);
    /** Never throws for what the request carries. */
    read(url: URL, carried: Cookies, secure: boolean): Promise<Qa>;
}
/** The decision that an override forces; undefined when the bundle has no such variant. */
export declare function forced(engine: Engine, experiment: string, variant: string | undefined): Decision | undefined;
export {};
