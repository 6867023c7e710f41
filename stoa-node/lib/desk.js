"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Asked = exports.Desk = void 0;
const exposure_1 = require("./exposure");
const qa_1 = require("./qa");
const response_1 = require("./response");
const signed_cookie_1 = require("./signed-cookie");
const visit_1 = require("./visit");
const visitor_cookie_1 = require("./visitor-cookie");
/** What all requests share. */
class Desk {
    sticky;
    #options;
    #qa;
    #counts = { visits: 0, exposures: 0 };
    #withheld = { bot: 0, prefetch: 0, qa: 0, lost: 0 };
    #refused = {
        qa_tampered: 0,
        qa_expired: 0,
        sticky_tampered: 0,
        sticky_expired: 0,
        sticky_foreign: 0,
        sticky_too_large: 0,
        attributes: 0,
        exposures: 0,
    };
    constructor(options) {
        this.#options = options;
        const { secret, cookie } = options;
        this.#qa = new qa_1.QaReader(secret, cookie?.domain);
        this.sticky = new signed_cookie_1.SignedCookie('stoa_sticky', secret, cookie?.domain);
    }
    /** Whether the cookies of this request are for https alone. */
    secure(request) {
        return this.#options.cookie?.secure ?? (0, visitor_cookie_1.isSecure)(request);
    }
    /** Reads a request, once. Never throws for what a visitor sent. */
    async read(request) {
        this.#counts.visits += 1;
        const { engine, cookie } = this.#options;
        const carried = (0, visitor_cookie_1.cookies)(request);
        const visitor = (0, visitor_cookie_1.visitorId)(request, cookie);
        const [read, qa, sticky] = await Promise.all([
            this.#attributes(visitor.id, request),
            this.#qa.read(new URL(request.url), carried, this.secure(request)),
            (0, visit_1.readSticky)(this.sticky, carried, visitor.id),
        ]);
        if (qa.refused)
            this.refuse(`qa_${qa.refused}`);
        if (sticky.refused)
            this.refuse(`sticky_${sticky.refused}`);
        return { engine: typeof engine === 'function' ? engine() : engine, visitor, ...read, qa, sticky };
    }
    refuse(what) {
        this.#refused[what] += 1;
    }
    withhold(from) {
        this.#withheld[from] += 1;
    }
    /** Runs behind the response, where nobody would catch what a sink throws. */
    expose(exposure) {
        try {
            this.#options.exposures?.add(exposure);
            this.#counts.exposures += 1;
        }
        catch {
            this.refuse('exposures');
        }
    }
    stats() {
        return { ...this.#counts, withheld: { ...this.#withheld }, refused: { ...this.#refused } };
    }
    async #attributes(id, request) {
        const { attributes } = this.#options;
        if (attributes === undefined)
            return { attributes: undefined, source: 'default' };
        try {
            if (typeof attributes === 'function')
                return { attributes: await attributes(id, request), source: 'request' };
            const found = await attributes.get(id);
            return { attributes: found.attributes, source: found.source };
        }
        catch {
            this.refuse('attributes');
            return { attributes: undefined, source: 'default' };
        }
    }
}
exports.Desk = Desk;
/** One request: read when a loader first asks, settled when its response has been read. */
class Asked {
    #desk;
    #request;
    #read;
    /** Exposures owed until the response is out; undefined from then on. */
    #owed = [];
    /** Whether the response's headers are gone. */
    #headed = false;
    constructor(desk, request) {
        this.#desk = desk;
        this.#request = request;
    }
    async visit() {
        return (await (this.#read ??= this.#open())).decisions.visit;
    }
    /** The response as it goes out: as it came when nobody asked. */
    async close(response) {
        this.#headed = true;
        if (this.#read === undefined)
            return response;
        const { known, decisions } = await this.#read;
        const body = (0, response_1.whenRead)(response.body, () => this.#settle());
        const out = new Response(body, response);
        (0, response_1.keepPrivate)(out.headers);
        if ((0, visitor_cookie_1.isPrefetch)(this.#request))
            out.headers.set('cache-control', 'no-store');
        for (const cookie of await this.#cookies(known, decisions))
            out.headers.append('set-cookie', cookie);
        return out;
    }
    async #open() {
        const lost = this.#headed ? 'lost' : undefined;
        const known = await this.#desk.read(this.#request);
        const withheld = lost ?? this.#withheld(known);
        return { known, decisions: new visit_1.Decisions(known, (decision) => this.#show(known, decision, withheld)) };
    }
    /** Why nothing of this request is exposed, if so. */
    #withheld({ qa }) {
        if (qa.force !== undefined)
            return 'qa';
        if ((0, visitor_cookie_1.isPrefetch)(this.#request) || this.#request.method === 'HEAD')
            return 'prefetch';
        return (0, visitor_cookie_1.isProgram)(this.#request) ? 'bot' : undefined;
    }
    #show({ visitor, source }, decision, withheld) {
        const exposure = (0, exposure_1.exposureOf)(decision, visitor.id, source);
        if (exposure === undefined)
            return;
        if (withheld)
            return this.#desk.withhold(withheld);
        if (this.#owed)
            this.#owed.push(exposure);
        else
            this.#desk.expose(exposure);
    }
    #settle() {
        const owed = this.#owed ?? [];
        this.#owed = undefined;
        for (const exposure of owed)
            this.#desk.expose(exposure);
    }
    async #cookies(known, decisions) {
        const secure = this.#desk.secure(this.#request);
        const sticky = this.#withheld(known) ? undefined : await decisions.stickyCookie(this.#desk.sticky, secure);
        if (sticky === 'too_large')
            this.#desk.refuse('sticky_too_large');
        return [known.visitor.setCookie, known.qa.setCookie, sticky].filter((cookie) => cookie !== undefined);
    }
}
exports.Asked = Asked;
