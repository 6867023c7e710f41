#!/usr/bin/env node
"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
// The command line: `stoa-node types FILE... [-o OUT] [--store FILE]`.
const node_fs_1 = require("node:fs");
const node_util_1 = require("node:util");
const error_1 = require("./error");
const experiment_1 = require("./experiment");
const types_1 = require("./types");
const USAGE = `stoa-node types FILE... [-o OUT] [--store FILE]

Reads experiments (JSON or YAML) and writes TypeScript that knows their variants and payloads: put OUT, say stoa.d.ts,
where tsconfig.json includes it. Layers, holdouts and metrics of the store come from --store.
`;
/** What is wrong with the command, and no bug of ours. */
class Refusal extends Error {
}
function read(file) {
    try {
        return (0, node_fs_1.readFileSync)(file, 'utf8');
    }
    catch (error) {
        throw new Refusal(`${file}: ${error.message}`);
    }
}
function experimentOf(file, store) {
    const text = read(file);
    try {
        const problems = (0, experiment_1.experimentProblems)(text, store);
        if (problems.length === 0)
            return (0, experiment_1.readDocument)(text);
        throw new Refusal(problems.map(({ message }) => `${file}: ${message}`).join('\n'));
    }
    catch (error) {
        throw error instanceof error_1.StoaError ? new Refusal(`${file}: ${error.message}`) : error;
    }
}
function types(files, out, store) {
    const text = store === undefined ? undefined : read(store);
    const experiments = new Map();
    for (const file of files) {
        const experiment = experimentOf(file, text);
        if (experiments.has(experiment.key))
            throw new Refusal(`${file}: key ${experiment.key} is another experiment's`);
        experiments.set(experiment.key, experiment);
    }
    const written = (0, types_1.declarations)([...experiments.values()]);
    if (out === undefined)
        process.stdout.write(written);
    else
        (0, node_fs_1.writeFileSync)(out, written);
}
function main(argv) {
    const options = { out: { type: 'string', short: 'o' }, store: { type: 'string' }, help: { type: 'boolean' } };
    const { values, positionals } = (0, node_util_1.parseArgs)({ args: [...argv], options, allowPositionals: true });
    const [command, ...files] = positionals;
    if (values.help)
        process.stdout.write(USAGE);
    else if (command === 'types' && files.length > 0)
        types(files, values.out, values.store);
    else
        throw new Refusal(USAGE);
}
try {
    main(process.argv.slice(2));
}
catch (error) {
    const expected = error instanceof Refusal || String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!expected)
        throw error;
    process.stderr.write(`${error.message.trimEnd()}\n`);
    process.exitCode = 2;
}
