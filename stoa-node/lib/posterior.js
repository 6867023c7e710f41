"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Comparison = exports.Loss = exports.Effect = void 0;
exports.compare = compare;
exports.compareAsync = compareAsync;
const addon_1 = require("./addon");
const document_1 = require("./document");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
/**
 * The posterior of a lift. Figures are null where they are infinite or withheld (dollars on fewer than five orders).
 *
 * @example
 * ```ts
 * import { compare } from 'stoa-node'
 * const control = { n: 900, successes: 81 }
 * const lift = compare('binary', { control, treatment: { n: 905, successes: 99 } }).relative
 * lift.median?.toFixed(2) // '0.21'
 * lift.interval(0.95)?.level // 0.95
 * lift.density({ points: 100 }).x.length // 100
 * ```
 */
class Effect {
    /** Posterior mean. */
    mean;
    /** Posterior median. */
    median;
    #handle;
    #name;
    #data;
    /** @internal */
    constructor(handle, name, data) {
        this.#handle = handle;
        this.#name = name;
        this.#data = data;
        this.mean = data.mean;
        this.median = data.median;
        Object.freeze(this);
    }
    /** The value below which the lift lies with probability `q`. */
    quantile(q) {
        return (0, error_1.call)(() => this.#handle.quantile(this.#name, q));
    }
    /** Equal-tailed credible interval. */
    interval(level = 0.95) {
        return (0, experiment_1.deepFreeze)(JSON.parse((0, error_1.call)(() => this.#handle.interval(this.#name, level))));
    }
    /** The density between its 0.1% and 99.9% quantiles; empty where it is withheld. */
    density(options = {}) {
        const [x, density] = (0, error_1.call)(() => this.#handle.density(this.#name, options.points ?? 256));
        return { x, density };
    }
    /** Mean, median and 95% interval. */
    toJSON() {
        return this.#data;
    }
}
exports.Effect = Effect;
/**
 * Distribution of what shipping the treatment loses per visitor; no loss is 0.
 *
 * @example
 * ```ts
 * import { compare } from 'stoa-node'
 * const arm = { n: 1000, successes: 30 }
 * compare('binary', { control: arm, treatment: arm }).loss.quantile(0.4) // 0
 * ```
 */
class Loss {
    /** Expected loss. */
    mean;
    #handle;
    /** @internal */
    constructor(handle, mean) {
        this.#handle = handle;
        this.mean = mean;
        Object.freeze(this);
    }
    /** The loss that is not exceeded with probability `q`. */
    quantile(q) {
        return (0, error_1.call)(() => this.#handle.lossQuantile(q));
    }
}
exports.Loss = Loss;
/**
 * Treatment against control: everything a reader asks of two arms. Figures have their JSON names, questions are methods.
 *
 * @example
 * ```ts
 * import { compare } from 'stoa-node'
 * const hurdle = (orders: number) => ({ visitors: 1000, orders, mean_log: 4, var_log: 0.5 })
 * const revenue = compare('hurdle', { control: hurdle(50), treatment: hurdle(60) })
 * revenue.decomposition?.frequency.prob_positive.toFixed(2) // '0.84'
 * revenue.expected_loss_ship?.toFixed(2) // '0.13'
 * const { treatment } = await revenue.sample(1000, { seed: 1 })
 * treatment.length // 1000
 * ```
 */
class Comparison {
    /** The metric's family. */
    family;
    /** The model behind the figures. */
    model;
    /** What a reader must know beside the numbers. */
    notes;
    /** The control's mean, in the metric's unit. */
    control;
    /** The treatment's mean, in the metric's unit. */
    treatment;
    /** Treatment − control, in the metric's unit. */
    absolute;
    /** Treatment / control − 1. */
    relative;
    /** P(treatment > control); null for fewer than five rows of a mean, and of a count that spreads more than Poisson counts do. */
    prob_positive;
    /** P(treatment < control), likewise. */
    prob_harm;
    /** Posterior mean of ln(treatment / control); null for families that may be 0 or below. */
    mean_log_lift;
    /** Expected loss per visitor of shipping the treatment. */
    expected_loss_ship;
    /** Expected loss per visitor of keeping the control. */
    expected_loss_keep;
    /** Expected loss of shipping in log units, likewise. */
    log_loss_ship;
    /** Expected loss of keeping in log units, likewise. */
    log_loss_keep;
    /** Distribution of the loss of shipping. */
    loss;
    /** Frequency and severity of revenue per visitor; null for other families. */
    decomposition;
    #handle;
    #data;
    /** @internal */
    constructor(handle, data) {
        const part = (name, of) => Object.freeze({ ...of, relative: new Effect(handle, name, of.relative) });
        this.#handle = handle;
        this.#data = data;
        this.family = data.family;
        this.model = data.model;
        this.notes = data.notes;
        this.control = data.control;
        this.treatment = data.treatment;
        this.absolute = new Effect(handle, 'absolute', data.absolute);
        this.relative = new Effect(handle, 'relative', data.relative);
        this.prob_positive = data.prob_positive;
        this.prob_harm = data.prob_harm;
        this.mean_log_lift = data.mean_log_lift;
        this.expected_loss_ship = data.expected_loss_ship;
        this.expected_loss_keep = data.expected_loss_keep;
        this.log_loss_ship = data.log_loss_ship;
        this.log_loss_keep = data.log_loss_keep;
        this.loss = new Loss(handle, data.expected_loss_ship);
        const parts = data.decomposition;
        this.decomposition = parts && Object.freeze({
            mean_log_lift: parts.mean_log_lift,
            frequency: part('frequency', parts.frequency),
            severity: part('severity', parts.severity),
        });
        Object.freeze(this);
    }
    /** P(lift > t), of the absolute lift unless `relative`; null where it is withheld. */
    probAbove(t, options = {}) {
        return (0, error_1.call)(() => this.#handle.probAbove(t, options.relative ?? false));
    }
    /** P(lift < t), of the absolute lift unless `relative`; null where it is withheld. */
    probBelow(t, options = {}) {
        return (0, error_1.call)(() => this.#handle.probBelow(t, options.relative ?? false));
    }
    /** Expected loss of shipping over so many visitors, in the metric's unit. */
    risk(visitors) {
        return (0, error_1.call)(() => this.#handle.risk(visitors));
    }
    /** `n` draws from each arm's posterior; the same seed gives the same draws on every machine. */
    async sample(n, options = {}) {
        const draws = await (0, error_1.callAsync)(() => this.#handle.sample(n, options.seed ?? 0));
        const [control, treatment] = draws;
        return { control, treatment };
    }
    /** Every figure, with the keys of Python and Rust. */
    toJSON() {
        return this.#data;
    }
}
exports.Comparison = Comparison;
/**
 * The posterior of a treatment against its control, from sufficient statistics; exact, nothing is sampled.
 *
 * Answers at once, on the main thread: about 0.1 ms for a rate, 1 ms for revenue. {@link compareAsync} is better where a
 * request waits: revenue of which one arm is known a thousand times better than the other takes seconds.
 *
 * @throws {@link StoaError} with `control.`, `treatment.` or `prior.` before the field.
 * @example
 * ```ts
 * import { compare } from 'stoa-node'
 * const c = compare('binary', { control: { n: 900, successes: 81 }, treatment: { n: 905, successes: 99 } })
 * c.prob_positive.toFixed(3) // '0.915'
 * c.probAbove(0.01, { relative: true })?.toFixed(3) // '0.903'
 * const csat = compare('ordinal', { control: { counts: [4, 6, 20, 50, 70] }, treatment: { counts: [3, 5, 18, 55, 81] } })
 * csat.absolute.mean?.toFixed(2) // '0.10'
 * ```
 */
function compare(family, arms) {
    const handle = (0, error_1.call)(() => addon_1.native.compare(...question(family, arms)));
    return comparison(handle, handle.toJSON());
}
/**
 * As {@link compare}, off the main thread: the same answers, while requests go on being served.
 *
 * @throws {@link StoaError} as {@link compare}, as a rejection.
 * @example
 * ```ts
 * import { compareAsync } from 'stoa-node'
 * const arm = (orders: number) => ({ visitors: 1000, orders, mean_log: 4, var_log: 0.5, sum: 70 * orders })
 * const severity = { model: 'gamma', rate: 60 } as const
 * const revenue = await compareAsync('hurdle', { control: arm(50), treatment: arm(60), prior: { severity } })
 * revenue.model // 'beta_binomial_gamma'
 * revenue.prob_positive.toFixed(2) // '0.76'
 * ```
 */
async function compareAsync(family, arms) {
    const asked = question(family, arms);
    const handle = await (0, error_1.callAsync)(() => addon_1.native.compareAsync(...asked));
    return comparison(handle, handle.toJSON());
}
function question(family, arms) {
    const { control, treatment, prior } = arms;
    const before = prior ? (0, document_1.documentText)('prior', prior) : 'null';
    return [family, (0, document_1.documentText)('control', control), (0, document_1.documentText)('treatment', treatment), before];
}
function comparison(handle, figures) {
    return new Comparison(handle, (0, experiment_1.deepFreeze)(JSON.parse(figures)));
}
