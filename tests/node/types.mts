// Compiled, never run: what the declared types must accept and refuse.
import { StoaError, version, type Problem } from 'stoa-node'

const text: string = version

function report(error: StoaError): readonly Problem[] {
  const hint: string | undefined = error.hint
  // @ts-expect-error problems are read-only
  error.problems.push({})
  return hint === undefined ? error.problems : []
}
