// Writes growthbook.json: generated conditions, rows of attributes, and what the real SDK says of each pair.
// Run it where `@growthbook/growthbook` 1.8.0 (MIT) is installed: node make_growthbook.mjs growthbook.json
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'

const require = createRequire(process.cwd() + '/')
const { evalCondition } = require('@growthbook/growthbook')

// A linear congruential generator: the same file every time.
let state = 7
const next = (n) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * n)
}
const pick = (items) => items[next(items.length)]
const some = (items, most) => Array.from({ length: next(most + 1) }, () => pick(items))

const texts = ['', 'a', 'ab', 'CA', 'ca', 'Ca', 'null', '1', '0', 'a.b', 'ull', 'true', 'K', 'k', '\u212a', 'é', 'a/b']
const numbers = [-1, -0.5, 0, 1, 2, 3.5]
const values = {
  t: texts,
  n: numbers,
  b: [true, false],
  l: [[], ['a'], ['ab', 'CA'], ['null'], ['k', 'a'], ['', 'ca'], ['a', 'a']],
  'd.e': texts,
}
const patterns = ['^a', 'b$', '^CA$', 'ul', '', '^', '$', '^$', '^null$', '^(a|CA)$', '^(?:null|k)$', 'a\\.b', 'a/b', '^a\\/b$']
const not = (make) => (next(4) === 0 ? { $not: make() } : make())
const asked = {
  t: () => not(() => pick([
    () => pick(texts),
    () => null,
    () => ({ [pick(['$eq', '$ne'])]: pick([...texts, null]) }),
    () => ({ [pick(['$in', '$nin'])]: some([...texts, null], 3) }),
    () => ({ [pick(['$ini', '$nini'])]: some(['a', 'ab', 'CA', '1', 'null', 'k', 'a.b'], 3) }),
    () => ({ $exists: pick([true, false]) }),
    () => ({ $regex: pick(patterns) }),
    () => ({ $ne: pick(texts), $nin: some(texts, 2) }),
    () => ({ $not: { $regex: pick(patterns), $ne: pick(texts) } }),
  ])()),
  n: () => not(() => pick([
    () => pick(numbers),
    () => ({ [pick(['$eq', '$ne', '$lt', '$lte', '$gt', '$gte'])]: pick(numbers) }),
    () => ({ $gte: pick(numbers), $lt: pick(numbers) }),
    () => ({ [pick(['$in', '$nin', '$ini'])]: some([...numbers, null], 3) }),
    () => ({ $exists: pick([true, false, 0, 1]) }),
    () => ({ $type: pick(['number', 'null', 'string']), $ne: pick(numbers) }),
  ])()),
  b: () => not(() => pick([
    () => pick([true, false]),
    () => ({ [pick(['$eq', '$ne'])]: pick([true, false, null]) }),
    () => ({ [pick(['$in', '$nin'])]: some([true, false, null], 2) }),
    () => ({ $exists: pick([true, false]) }),
  ])()),
  l: () => not(() => pick([
    () => ({ [pick(['$all', '$alli'])]: some(['a', 'ab', 'CA', 'k', 'null'], 3) }),
    () => ({ $elemMatch: pick([{ $eq: pick(texts) }, { $in: some(texts, 3) }]) }),
    () => ({ [pick(['$in', '$nin'])]: some([...texts, null], 3) }),
    () => ({ [pick(['$ini', '$nini'])]: some(['a', 'CA', 'k'], 3) }),
  ])()),
  'd.e': () => asked.t(),
}
const field = () => {
  const name = pick(Object.keys(asked))
  return [name, asked[name]()]
}
const condition = (depth) => {
  const entries = Array.from({ length: 1 + next(2) }, () => (depth > 0 && next(2) ? nested(depth - 1) : field()))
  return Object.fromEntries(entries)
}
const nested = (depth) => {
  const key = pick(['$and', '$or', '$nor', '$not'])
  if (key === '$not') return [key, condition(depth)]
  return [key, Array.from({ length: next(4) }, () => condition(depth))]
}
const row = () => {
  const held = Object.entries(values).filter(() => next(4) > 0)
  return Object.fromEntries(held.map(([name, of]) => [name, next(12) ? pick(of) : null]))
}
// The SDK sees nested objects, a rule their flattened names.
const unflattened = ({ 'd.e': e, ...rest }) => (e === undefined ? rest : { ...rest, d: { e } })

const rows = Array.from({ length: 60 }, row)
const cases = Array.from({ length: 1500 }, () => {
  const made = condition(3)
  const answers = rows.map((attributes) => (evalCondition(unflattened(attributes), made) ? '1' : '0')).join('')
  return { condition: made, answers }
})
const lines = (items) => items.map((item) => JSON.stringify(item)).join(',\n')
writeFileSync(process.argv[2], `{"spec_version": 1, "source": "@growthbook/growthbook 1.8.0",\n"rows": [\n${lines(rows)}\n],\n"cases": [\n${lines(cases)}\n]}\n`)
