"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.version = exports.StoaError = void 0;
/**
 * The experimentation loop of a single store: segment rules, assignment inside a request, Bayesian readouts.
 *
 * @packageDocumentation
 */
const addon_1 = require("./addon");
var error_1 = require("./error");
Object.defineProperty(exports, "StoaError", { enumerable: true, get: function () { return error_1.StoaError; } });
/**
 * Version of the engine.
 *
 * @example
 * ```ts
 * import { version } from 'stoa-node'
 * console.log(version) // '0.1.0'
 * ```
 */
exports.version = addon_1.native.version();
