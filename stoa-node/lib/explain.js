"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.readExplanation = readExplanation;
const experiment_1 = require("./experiment");
/** Reads what the addon explains. */
function readExplanation(text) {
    return (0, experiment_1.deepFreeze)(JSON.parse(text));
}
