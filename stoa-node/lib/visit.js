"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Decisions = void 0;
exports.readSticky = readSticky;
const qa_1 = require("./qa");
const visitor_cookie_1 = require("./visitor-cookie");
/** Reads the sticky cookie of this visitor. Never throws for what it holds. */
async function readSticky(cookie, carried, unit) {
    const opened = await cookie.open(carried[cookie.name]);
    if ('refused' in opened)
        return opened.refused === 'absent' ? {} : { refused: opened.refused };
    const kept = opened.content;
    if (kept.unit !== unit)
        return { refused: 'foreign' };
    const age = Date.now() / 1000 - kept.at;
    return age < visitor_cookie_1.COOKIE_DAYS * visitor_cookie_1.DAY ? { memory: kept.memory, old: age > visitor_cookie_1.DAY } : { refused: 'expired' };
}
/** The decisions of one request: each made once, at one instant, by one engine. */
class Decisions {
    #known;
    #made = new Map();
    /** Those that the page shows. */
    #shown = new Map();
    #now = new Date();
    /** Called with each decision the page shows, once. */
    #onShown;
    constructor(known, onShown) {
        this.#known = known;
        this.#onShown = onShown;
    }
    /** What a loader is given. */
    get visit() {
        const decide = (experiment) => this.#show(this.#decide(experiment));
        // The types of the keys are the engine's: what it decides for a key is that key's decision.
        return Object.freeze({
            visitorId: this.#known.visitor.id,
            source: this.#known.source,
            qa: this.#known.qa.force !== undefined,
            decide,
            variant: (experiment) => decide(experiment).variant,
            peek: (experiment) => this.#decide(experiment),
        });
    }
    /** The sticky cookie to set after the decisions shown so far; undefined when the one there still says it all. */
    async stickyCookie(cookie, secure) {
        const { engine, visitor, sticky } = this.#known;
        const memory = engine.remember(sticky.memory, [...this.#shown.values()]);
        if (!memory)
            return sticky.memory || sticky.refused ? cookie.end(secure) : undefined;
        if (memory === sticky.memory && !sticky.old)
            return undefined;
        const kept = { unit: visitor.id, at: Math.floor(Date.now() / 1000), memory };
        return (await cookie.seal(kept, secure, visitor_cookie_1.COOKIE_DAYS * visitor_cookie_1.DAY)) ?? 'too_large';
    }
    #decide(experiment) {
        const made = this.#made.get(experiment) ?? this.#make(experiment);
        this.#made.set(experiment, made);
        return made;
    }
    #make(experiment) {
        const { engine, visitor, attributes, qa, sticky } = this.#known;
        const override = (0, qa_1.forced)(engine, experiment, qa.force?.[experiment]);
        if (override)
            return override;
        return engine.decide(experiment, visitor.id, attributes, { now: this.#now, memory: sticky.memory });
    }
    #show(decision) {
        if (this.#shown.has(decision.experiment))
            return decision;
        this.#shown.set(decision.experiment, decision);
        this.#onShown(decision);
        return decision;
    }
}
exports.Decisions = Decisions;
