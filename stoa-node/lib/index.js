"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.version = exports.segmentJsonSchema = exports.ruleJsonSchema = exports.Rule = exports.attributesJsonSchema = exports.reach = exports.Loss = exports.Effect = exports.Comparison = exports.compareAsync = exports.compare = exports.srm = exports.smallestEffect = exports.powerAsync = exports.power = exports.duration = exports.monitor = exports.fromGrowthbook = exports.fromEppo = exports.exposureOf = exports.Exposures = exports.readDocument = exports.experimentProblems = exports.experimentJsonSchema = exports.catalog = exports.StoaError = exports.Engine = exports.Experiment = exports.analyze = void 0;
/**
 * The experimentation loop of a single store: segment rules, assignment inside a request, Bayesian readouts.
 *
 * @packageDocumentation
 */
const addon_1 = require("./addon");
var analysis_1 = require("./analysis");
Object.defineProperty(exports, "analyze", { enumerable: true, get: function () { return analysis_1.analyze; } });
var bound_1 = require("./bound");
Object.defineProperty(exports, "Experiment", { enumerable: true, get: function () { return bound_1.Experiment; } });
var engine_1 = require("./engine");
Object.defineProperty(exports, "Engine", { enumerable: true, get: function () { return engine_1.Engine; } });
var error_1 = require("./error");
Object.defineProperty(exports, "StoaError", { enumerable: true, get: function () { return error_1.StoaError; } });
var experiment_1 = require("./experiment");
Object.defineProperty(exports, "catalog", { enumerable: true, get: function () { return experiment_1.catalog; } });
Object.defineProperty(exports, "experimentJsonSchema", { enumerable: true, get: function () { return experiment_1.experimentJsonSchema; } });
Object.defineProperty(exports, "experimentProblems", { enumerable: true, get: function () { return experiment_1.experimentProblems; } });
Object.defineProperty(exports, "readDocument", { enumerable: true, get: function () { return experiment_1.readDocument; } });
var exposure_1 = require("./exposure");
Object.defineProperty(exports, "Exposures", { enumerable: true, get: function () { return exposure_1.Exposures; } });
Object.defineProperty(exports, "exposureOf", { enumerable: true, get: function () { return exposure_1.exposureOf; } });
var migrate_1 = require("./migrate");
Object.defineProperty(exports, "fromEppo", { enumerable: true, get: function () { return migrate_1.fromEppo; } });
Object.defineProperty(exports, "fromGrowthbook", { enumerable: true, get: function () { return migrate_1.fromGrowthbook; } });
var monitor_1 = require("./monitor");
Object.defineProperty(exports, "monitor", { enumerable: true, get: function () { return monitor_1.monitor; } });
var plan_1 = require("./plan");
Object.defineProperty(exports, "duration", { enumerable: true, get: function () { return plan_1.duration; } });
Object.defineProperty(exports, "power", { enumerable: true, get: function () { return plan_1.power; } });
Object.defineProperty(exports, "powerAsync", { enumerable: true, get: function () { return plan_1.powerAsync; } });
Object.defineProperty(exports, "smallestEffect", { enumerable: true, get: function () { return plan_1.smallestEffect; } });
Object.defineProperty(exports, "srm", { enumerable: true, get: function () { return plan_1.srm; } });
var posterior_1 = require("./posterior");
Object.defineProperty(exports, "compare", { enumerable: true, get: function () { return posterior_1.compare; } });
Object.defineProperty(exports, "compareAsync", { enumerable: true, get: function () { return posterior_1.compareAsync; } });
Object.defineProperty(exports, "Comparison", { enumerable: true, get: function () { return posterior_1.Comparison; } });
Object.defineProperty(exports, "Effect", { enumerable: true, get: function () { return posterior_1.Effect; } });
Object.defineProperty(exports, "Loss", { enumerable: true, get: function () { return posterior_1.Loss; } });
var reach_1 = require("./reach");
Object.defineProperty(exports, "reach", { enumerable: true, get: function () { return reach_1.reach; } });
var rule_1 = require("./rule");
Object.defineProperty(exports, "attributesJsonSchema", { enumerable: true, get: function () { return rule_1.attributesJsonSchema; } });
Object.defineProperty(exports, "Rule", { enumerable: true, get: function () { return rule_1.Rule; } });
Object.defineProperty(exports, "ruleJsonSchema", { enumerable: true, get: function () { return rule_1.ruleJsonSchema; } });
Object.defineProperty(exports, "segmentJsonSchema", { enumerable: true, get: function () { return rule_1.segmentJsonSchema; } });
/**
 * Version of the engine.
 *
 * @example
 * ```ts
 * import { version } from 'stoa-node'
 * version // '0.1.0'
 * ```
 */
exports.version = addon_1.native.version();
