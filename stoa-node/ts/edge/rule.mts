// Rules in SQL's three-valued logic: undefined is unknown. A comparison with a missing value, or one of another type, is
// unknown.
import { before, notAfter, parseInstant } from './instant.mjs'
import type { EdgePlan, Instant, Node, Tested } from './plan.mjs'
import { field, type Visitor } from './visitor.mjs'

/** A visitor at an instant, and whether a membership was asked for that today's rule did not judge. */
export interface Asked {
  readonly visitor: Visitor
  readonly now: Instant
  stale: boolean
}

/** A rule made ready. */
export type Judge = (asked: Asked) => boolean | undefined

/** What a test says of a value that is there, at an instant. */
type Test = (value: unknown, now: Instant) => boolean | undefined

/** Makes a rule of the plan ready. */
export function judgeOf(node: Node, plan: EdgePlan): Judge {
  switch (node[0]) {
    case 'all':
    case 'any': {
      const [kind, ...children] = node
      return fold(children.map((child) => judgeOf(child, plan)), kind === 'any')
    }
    case 'not': {
      const denied = judgeOf(node[1], plan)
      return (asked) => not(denied(asked))
    }
    case 'member': {
      const { key, hash } = plan.segments[node[1]]!
      return (asked) => member(asked, key, hash)
    }
    case 'unknown':
      return () => undefined
    case 'missing': {
      const [, slot, wanted] = node
      return ({ visitor }) => ((field(visitor.attributes, plan.attributes[slot]!) ?? undefined) === undefined) === wanted
    }
    default: {
      const name = plan.attributes[node[1]]!
      const test = testOf(node)
      return ({ visitor, now }) => {
        const value = field(visitor.attributes, name) ?? undefined
        return value === undefined ? undefined : test(value, now)
      }
    }
  }
}

/** Stops at the first decisive child, so that no membership is asked for in vain. */
function fold(children: readonly Judge[], decisive: boolean): Judge {
  return (asked) => {
    let answer: boolean | undefined = !decisive
    for (const child of children) {
      const found = child(asked)
      if (found === decisive) return decisive
      if (found === undefined) answer = undefined
    }
    return answer
  }
}

function not(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer
}

function member(asked: Asked, key: string, hash: string): boolean | undefined {
  const entry = field(asked.visitor.segments, key)
  if (entry === hash) return true
  if (entry === `!${hash}`) return false
  asked.stale = true
  return undefined
}

function testOf(node: Tested): Test {
  switch (node[0]) {
    case 'is':
      return (value) => (typeof value === 'boolean' ? value === node[2] : undefined)
    case 'one_of': {
      const [type, known] = [typeof node[3][0], new Set(node[3])]
      return (value) => (typeof value === type ? known.has(value) !== node[2] : undefined)
    }
    case 'numbers': {
      const [low, high] = [Number(node[2]), Number(node[3])]
      return (value) => (typeof value === 'number' ? low <= value && value <= high : undefined)
    }
    case 'instants':
      return (value) => lies(value, node[2], node[3])
    case 'within':
      return (value, now) => lies(value, before(now, node[2]), now)
    case 'starts_with':
      return (value) => (typeof value === 'string' ? value.startsWith(node[2]) : undefined)
    case 'ends_with':
      return (value) => (typeof value === 'string' ? value.endsWith(node[2]) : undefined)
    case 'contains':
      return (value) => (typeof value === 'string' ? value.includes(node[2]) : undefined)
    case 'has_any':
      return (value) => (isList(value) ? node[2].some((tag) => value.includes(tag)) : undefined)
    case 'has_all':
      return (value) => (isList(value) ? node[2].every((tag) => value.includes(tag)) : undefined)
  }
}

function lies(value: unknown, low: Instant, high: Instant): boolean | undefined {
  const at = typeof value === 'string' ? parseInstant(value) : undefined
  return at && notAfter(low, at) && notAfter(at, high)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string')
}
