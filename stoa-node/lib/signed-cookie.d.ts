/** One key, or the newest first and those before it; each of at least 32 characters. */
export type Secret = string | readonly string[];
/** What a signed text gave: its content, or why it is not taken. */
export type Opened = {
    readonly content: object;
} | {
    readonly refused: 'absent' | 'tampered';
};
/** A cookie with a key of its own, made from the shop's secret: one purpose's text says nothing to another. */
export declare class SignedCookie {
    #private;
    readonly name: string;
    constructor(name: string, secret: Secret, domain?: string);
    /** Opens the signed text that a cookie or a parameter carried. Never throws. */
    open(text: string | undefined): Promise<Opened>;
    /** The `Set-Cookie` header of some content; undefined when no browser would keep it. */
    seal(content: object, secure: boolean, maxAge: number): Promise<string | undefined>;
    /** The `Set-Cookie` header that ends it. */
    end(secure: boolean): Promise<string>;
}
