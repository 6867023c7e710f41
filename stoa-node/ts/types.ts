// Experiment documents as TypeScript: what `stoa-node types` writes.
import type { ExperimentDocument } from './experiment'

const HEAD = `// Made by \`stoa-node types\` from the experiment files: do not edit.
import 'stoa-node'

declare module 'stoa-node' {
  interface Experiments {
`
const TAIL = `  }
}
`

/** A declaration file that fills the interface `Experiments`: variants as they are, payloads by their types. */
export function declarations(experiments: readonly ExperimentDocument[]): string {
  const sorted = experiments.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return HEAD + sorted.map(declaration).join('') + TAIL
}

function declaration({ key, variants }: ExperimentDocument): string {
  const lines = variants.map((variant) => `      ${property(variant.key)}: ${typeOf(variant.payload)}\n`)
  return `    ${property(key)}: {\n${lines.join('')}    }\n`
}

/** The type of a JSON value: texts and numbers may change without the code, what there is may not. */
function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return `readonly (${[...new Set(value.map(typeOf))].join(' | ') || 'never'})[]`
  if (typeof value !== 'object') return typeof value
  const fields = Object.entries(value).map(([name, field]) => `${property(name)}: ${typeOf(field)}`)
  return fields.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${fields.join('; ')} }`
}

function property(name: string): string {
  return `readonly ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}`
}
