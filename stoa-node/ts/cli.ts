#!/usr/bin/env node
// The command line: `stoa-node types FILE... [-o OUT] [--store FILE]`.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { StoaError } from './error'
import { experimentProblems, readDocument, type ExperimentDocument } from './experiment'
import { declarations } from './types'

const USAGE = `stoa-node types FILE... [-o OUT] [--store FILE]

Reads experiments (JSON or YAML) and writes TypeScript that knows their variants and payloads: put OUT, say stoa.d.ts,
where tsconfig.json includes it. Layers, holdouts and metrics of the store come from --store.
`

/** What is wrong with the command, and no bug of ours. */
class Refusal extends Error {}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Refusal(`${file}: ${(error as Error).message}`)
  }
}

function experimentOf(file: string, store: string | undefined): ExperimentDocument {
  const text = read(file)
  try {
    const problems = experimentProblems(text, store)
    if (problems.length === 0) return readDocument(text) as ExperimentDocument
    throw new Refusal(problems.map(({ message }) => `${file}: ${message}`).join('\n'))
  } catch (error) {
    throw error instanceof StoaError ? new Refusal(`${file}: ${error.message}`) : error
  }
}

function types(files: readonly string[], out: string | undefined, store: string | undefined): void {
  const text = store === undefined ? undefined : read(store)
  const experiments = new Map<string, ExperimentDocument>()
  for (const file of files) {
    const experiment = experimentOf(file, text)
    if (experiments.has(experiment.key)) throw new Refusal(`${file}: key ${experiment.key} is another experiment's`)
    experiments.set(experiment.key, experiment)
  }
  const written = declarations([...experiments.values()])
  if (out === undefined) process.stdout.write(written)
  else writeFileSync(out, written)
}

function main(argv: readonly string[]): void {
  const options = { out: { type: 'string', short: 'o' }, store: { type: 'string' }, help: { type: 'boolean' } } as const
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  const [command, ...files] = positionals
  if (values.help) process.stdout.write(USAGE)
  else if (command === 'types' && files.length > 0) types(files, values.out, values.store)
  else throw new Refusal(USAGE)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  const expected = error instanceof Refusal || String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
  if (!expected) throw error
  process.stderr.write(`${(error as Error).message.trimEnd()}\n`)
  process.exitCode = 2
}
