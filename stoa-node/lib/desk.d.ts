import type { Attributes } from './document';
import type { Engine } from './engine';
import { type Exposure } from './exposure';
import { SignedCookie, type Secret } from './signed-cookie';
import { type Known, type Visit } from './visit';
import { type VisitorCookieOptions } from './visitor-cookie';
/** What reads a visitor's attributes, and says where it found them; `AttributeStore` of `stoa-node/redis` is one. */
export interface AttributeReader {
    get(visitorId: string): Promise<{
        readonly attributes?: Attributes;
        readonly source: string;
    }>;
}
/** The attributes of a visitor, from wherever the app has them. */
export type AttributesOf = (visitorId: string, request: Request) => Attributes | Promise<Attributes>;
/** Where exposures go; `Exposures` of `stoa-node` is one. */
export interface ExposureSink {
    add(exposure: Exposure): void;
}
/** What a middleware counted. */
export interface StoaStats {
    /** Requests whose loaders asked. */
    readonly visits: number;
    /** Exposures handed to the sink. */
    readonly exposures: number;
    /** Exposures held back, by who asked. */
    readonly withheld: Readonly<Record<Withheld, number>>;
    /** What was not taken, by what was wrong: cookies, links, and what `attributes` or `exposures` threw on. */
    readonly refused: Readonly<Record<Refused, number>>;
}
/**
 * Who is not exposed. `prefetch`: a page that is fetched ahead, or whose headers alone are asked for; `lost`: a visit that
 * began when the headers were gone, and with them the visitor cookie.
 */
export type Withheld = 'bot' | 'prefetch' | 'qa' | 'lost';
/** What is not taken. */
export type Refused = 'qa_tampered' | 'qa_expired' | 'sticky_tampered' | 'sticky_expired' | 'sticky_foreign' | 'sticky_too_large' | 'attributes' | 'exposures';
/** Options of {@link stoaMiddleware}. */
export interface StoaOptions {
    /** The engine, or what gives the one of the moment; a request keeps the one it began with. */
    readonly engine: Engine | (() => Engine);
    /** Where attributes come from: a store, or a function of the visitor's id. Nothing when left out. */
    readonly attributes?: AttributeReader | AttributesOf;
    /** Where exposures go, after the response; nowhere when left out. */
    readonly exposures?: ExposureSink;
    /** What signs the sticky cookie and the links of QA: at least 32 random characters; of several, the first signs. */
    readonly secret: Secret;
    /** The visitor cookie; its domain is the signed cookies' too. */
    readonly cookie?: VisitorCookieOptions;
}
/** What all requests share. */
export declare class Desk {
    #private;
    readonly sticky: SignedCookie;
    constructor(options: StoaOptions);
    /** Whether the cookies of this request are for https alone. */
    secure(request: Request): boolean;
    /** Reads a request, once. Never throws for what a visitor sent. */
    read(request: Request): Promise<Known>;
    refuse(what: Refused): void;
    withhold(from: Withheld): void;
    /** Runs behind the response, where nobody would catch what a sink throws. */
    expose(exposure: Exposure): void;
    stats(): StoaStats;
}
/** One request: read when a loader first asks, settled when its response has been read. */
export declare class Asked {
    #private;
    constructor(desk: Desk, request: Request);
    visit(): Promise<Visit>;
    /** The response as it goes out: as it came when nobody asked. */
    close(response: Response): Promise<Response>;
}
