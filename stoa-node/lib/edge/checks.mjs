import { judgeOf } from './rule.mjs';
import { sha256 } from './sha256.mjs';
/** The one way of hashing that this module has. */
const HASH = 'sha256';
const EMPTY = { attributes: {}, segments: {} };
const encoder = new TextEncoder();
/** How an experiment hashes, when in a way this module does not have. */
export function strangeHash({ ready }) {
    return [ready?.draw, ready?.layer, ready?.holdout].find((part) => part && part.hash !== HASH)?.hash;
}
/** Makes an experiment of the plan ready. */
export function entryOf(planned, plan) {
    const { key, variants, attributes, ready } = planned;
    if (!ready || strangeHash(planned) !== undefined)
        return { key, variants, attributes, ready: undefined };
    const { overrides, targeting, ...rest } = ready;
    return {
        key,
        variants,
        attributes,
        ready: {
            ...rest,
            overrides: new Map(Object.entries(overrides)),
            reads: targeting?.reads ?? false,
            rule: targeting ? judgeOf(targeting.rule, plan) : undefined,
        },
    };
}
/** The decisions of one plan. */
export class Checks {
    #entries;
    #chosen;
    #longest;
    constructor(entries, plan) {
        this.#entries = entries;
        this.#chosen = new Set(plan.reasons.filter((reason) => reason.chosen).map((reason) => reason.key));
        this.#longest = plan.unit_bytes;
    }
    /** Whether a variant was chosen for the unit rather than fallen back to. */
    chosen(reason) {
        return this.#chosen.has(reason);
    }
    /** Whether a unit that got `reason` is told about an experiment: not while it does not run for them. */
    shows({ ready }, reason) {
        return reason !== 'not_running' && !(reason === 'invalid_unit' && ready?.phase === 'idle');
    }
    /** The decision of experiment `index` about a unit. */
    outcome(index, one) {
        const entry = this.#entries[index];
        if (!entry)
            return { variant: -1, reason: 'unknown_experiment' };
        const { ready, variants } = entry;
        if (!ready)
            return { variant: variants.length > 0 ? 0 : -1, reason: 'load_error' };
        if (!this.#isUnit(one.unit))
            return control('invalid_unit');
        const forced = ready.overrides.get(one.unit);
        if (forced !== undefined)
            return { variant: forced, reason: 'forced' };
        if (ready.phase !== 'running') {
            const targeted = ready.phase !== 'idle' && refusal(ready, one) === undefined;
            return targeted ? { variant: shipped(ready), reason: 'shipped' } : control('not_running');
        }
        if (ready.requires && !this.#meets(ready.requires, one))
            return control('prerequisite_unmet');
        if (ready.holdout && holds(ready.holdout, one))
            return control('in_holdout');
        if (ready.layer && !holds(ready.layer, one))
            return control('outside_layer');
        const shown = ready.run === null ? undefined : one.shown.get(index);
        if (shown !== undefined)
            return { variant: shown, reason: 'assigned' };
        const refused = refusal(ready, one);
        return refused === undefined ? draw(ready, one) : control(refused);
    }
    #isUnit(unit) {
        const n = unit.length;
        // A character is at most three bytes for each of its halves.
        return n > 0 && n <= this.#longest && (3 * n <= this.#longest || encoder.encode(unit).length <= this.#longest);
    }
    #meets(requires, one) {
        const { variant, reason } = this.outcome(requires.experiment, one);
        return this.chosen(reason) && requires.variants.includes(variant);
    }
}
function control(reason) {
    return { variant: 0, reason };
}
function shipped({ phase }) {
    return typeof phase === 'object' ? phase.shipped : 0;
}
/** Why the experiment is not for the visitor; undefined when it is. */
function refusal({ rule, reads }, { visitor, now }) {
    if (!rule)
        return undefined;
    if (reads && !visitor)
        return 'bad_attributes';
    const asked = { visitor: visitor ?? EMPTY, now, stale: false };
    const answer = rule(asked);
    if (answer === true)
        return undefined;
    return answer === undefined && asked.stale ? 'stale_segment' : 'not_targeted';
}
/** One digest gives the allocation and the variant, independently. */
function draw({ draw: { salt, cuts, allocation } }, { unit }) {
    const [variant, allocated] = places(salt, unit);
    if (allocated >= allocation)
        return control('not_allocated');
    const index = cuts.findIndex((cut) => variant < cut);
    return { variant: index < 0 ? cuts.length - 1 : index, reason: 'assigned' };
}
function holds({ salt, from, to }, { unit }) {
    const [place] = places(salt, unit);
    return from <= place && place < to;
}
/** The first two slices of 52 bits of the digest of `salt:unit`. */
function places(salt, unit) {
    const digest = sha256(encoder.encode(`${salt}:${unit}`));
    const word = (i) => digest[i] >>> 0;
    const split = word(1);
    return [word(0) * 0x10_0000 + (split >>> 12), (split & 0xfff) * 0x100_0000_0000 + word(2) * 0x100 + (word(3) >>> 24)];
}
