/** One refusal as data: the same keys in every language. */
export interface Problem {
  /** Stable name of the kind of refusal, such as `out_of_range`. */
  readonly code: string
  /** JSON path, option or column: `prior.alpha`. */
  readonly field: string
  /** The rule it broke, continuing the field: `must be > 0`. */
  readonly rule: string
  /** The value found, shortened. */
  readonly value: string
  /** A near miss that may have been meant. */
  readonly hint?: string
  /** The sentence a person reads. */
  readonly message: string
}

/**
 * Everything stoa refuses; `code`, `field`, `rule` and `value` are the first problem's, `problems` lists all.
 *
 * @example
 * ```ts
 * import { Rule, StoaError } from 'stoa-node'
 * try {
 *   Rule.fromJSON({ attr: 'country', op: 'equals', value: 'CA' })
 * } catch (error) {
 *   if (!(error instanceof StoaError)) throw error
 *   error.code // 'unknown_operator'
 *   error.hint // 'did you mean `eq`?'
 * }
 * ```
 */
export class StoaError extends Error {
  override readonly name = 'StoaError'
  /** Stable name of the kind of refusal, the same in Rust and Python. */
  readonly code: string
  /** JSON path, option or column. */
  readonly field: string
  /** The rule it broke. */
  readonly rule: string
  /** The value found, shortened. */
  readonly value: string
  /** A near miss that may have been meant. */
  readonly hint: string | undefined
  /** All problems of the document, in document order; never empty. */
  readonly problems: readonly Problem[]

  /** @internal */
  constructor(message: string, problems: readonly [Problem, ...Problem[]]) {
    super(message)
    const [first] = problems
    this.code = first.code
    this.field = first.field
    this.rule = first.rule
    this.value = first.value
    this.hint = first.hint
    this.problems = Object.freeze(problems.map((problem) => Object.freeze(problem)))
  }
}

/** A refusal made in this layer, where an argument cannot even be handed to the engine. */
export function refuse(code: string, field: string, rule: string, value: unknown): StoaError {
  const shown = shorten(value)
  const message = `${field} ${rule}, got ${shown}`
  return new StoaError(message, [{ code, field, rule, value: shown, message }])
}

/** Runs a native call and turns its error into a {@link StoaError}. */
export function call<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw translate(error)
  }
}

/** Awaits a native call and turns its error into a {@link StoaError}. */
export async function callAsync<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw translate(error)
  }
}

// The addon writes the refusal as JSON into the message. N-API itself refuses arguments of another type than declared.
function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { message } = error
  if (message.startsWith('{"')) {
    const refusal = JSON.parse(message) as { message: string; problems: [Problem, ...Problem[]] }
    return new StoaError(refusal.message, refusal.problems)
  }
  if (!String((error as { code?: unknown }).code).endsWith('Expected')) return error
  const problem = { code: 'wrong_type', field: 'argument', rule: 'must be of its declared type', value: message, message }
  return new StoaError(message, [problem])
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
