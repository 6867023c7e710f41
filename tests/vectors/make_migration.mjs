// Writes migration.json: tests as GrowthBook and Eppo configure them, ids, and the variant that the real SDK gives each.
// Run it where `@growthbook/growthbook` 1.8.0 and `@eppo/js-client-sdk-common` 4.14.4 (both MIT) are installed:
//   node make_migration.mjs migration.json           the committed vectors: 2,000 ids
//   node make_migration.mjs FILE 100000 20           what `make test-migration` compares: more ids, 20 drawn tests a scheme
// An answer is one character an id: the variant's index, or `.` for an id that is not in the test.
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'

const require = createRequire(process.cwd() + '/')
const { GrowthBookClient } = require('@growthbook/growthbook')
const { EppoClient, MemoryOnlyConfigurationStore } = require('@eppo/js-client-sdk-common')

const [file, nIds = '2000', nDrawn = '0'] = process.argv.slice(2)

// A linear congruential generator: the same file every time.
let state = 11
const next = (n) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * n)
}
const pick = (items) => items[next(items.length)]

// One id in five is beyond ASCII: letters of two and three bytes, signs beyond the basic plane, marks that combine.
const strange = ['é', 'ß', 'Ω', 'я', 'ש', 'ع', '中', '日本', '한', '😀', '👩‍👩‍👧', '🏳️‍🌈', 'e\u0301', '\u{10ffff}', '\u007f', '\u0080', '\uffff', '\u200d']
const hex = (n) => Array.from({ length: n }, () => next(16).toString(16)).join('')
const makers = [
  (i) => `visitor-${i}`,
  () => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
  (i) => String(i * 7919),
  (i) => `Someone.${i}@example.com`,
  (i) => `${pick(strange)}${i}${pick(strange)}`,
]
const ids = Array.from({ length: Number(nIds) }, (_, i) => makers[i % 5](i))
const visitors = [{ country: 'CA', orders: 2 }, { country: 'US', orders: 9 }, { country: 'DE', orders: 0 }, {}, { orders: 3 }, { country: 'CA' }, { country: 'FR', orders: 6 }]

const shares = { growthbook_v1: 1, growthbook_v2: 2 }
const values = (n) => Array.from({ length: n }, (_, i) => `v${i}`)
const variants = (keys, weights) => keys.map((key, i) => ({ key, weight: weights[i], payload: `v${i}` }))
const even = (n) => Array.from({ length: n }, () => 1)

// GrowthBook: a rule, and what it must become.
const rules = [
  { name: 'nothing but variations', rule: {} },
  { name: 'seed, coverage, weights', rule: { seed: 'another seed', coverage: 0.37, weights: [0.5, 0.3, 0.2] } },
  { name: 'thirds', rule: { coverage: 0.8, weights: [1 / 3, 1 / 3, 1 / 3] } },
  { name: 'weights that leave a hundredth out', rule: { weights: [0.33, 0.33, 0.33] } },
  { name: 'namespace', rule: { namespace: ['ns é', 0.2, 0.7], weights: [0.1, 0.9] }, layer: { salt: '__ns é', hash: 'growthbook_v1', from: 0.2, to: 0.7 } },
  { name: 'filter', rule: { filters: [{ seed: 'pricing', ranges: [[0, 0.4]], hashVersion: 2, attribute: 'id' }] }, layer: { salt: 'pricing', hash: 'growthbook_v2', from: 0, to: 0.4 } },
  { name: 'a seed beyond ASCII, one in a hundred', rule: { seed: 'größe-😀', coverage: 0.01 } },
  { name: 'ranges of its own', rule: { ranges: [[0, 0.25], [0.5, 0.75]] }, weights: [0.25, 0.25], ranges: [[[0, 0.25]], [[0.5, 0.75]]] },
  { name: 'a condition, after a forced value', rule: { condition: { country: { $in: ['CA', 'US'] } } }, before: [{ condition: { orders: { $gt: 5 } }, force: 'big' }] },
  { name: 'ten variants', rule: { weights: Array(10).fill(0.1), coverage: 0.95 } },
  { name: 'a variant without traffic', rule: { weights: [0.5, 0, 0.5] } },
]

function growthbook(scheme, i, { name, rule, before = [], layer, ranges, weights }) {
  const given = rule.weights ?? (ranges ? weights : undefined)
  const n = given?.length ?? 2
  const key = `test-${i}`
  const hashed = { key, hashVersion: shares[scheme], variations: values(n), ...rule }
  const features = { flag: { defaultValue: 'v0', rules: [...before, hashed] } }
  const experiment = {
    key, hash: scheme, salt: rule.seed ?? key, allocation: rule.coverage ?? 1,
    variants: variants(values(n).map((_, k) => String(k)), given ?? even(2)),
  }
  if (ranges) experiment.buckets = { ranges: ranges.map((list) => list.map(([from, to]) => ({ from, to }))) }
  const client = new GrowthBookClient().initSync({ payload: { features } })
  const answers = ids.map((id, k) => {
    const { source, experimentResult } = client.evalFeature('flag', { attributes: { id, ...visitors[k % visitors.length] } })
    return source === 'experiment' ? String(experimentResult.variationId) : '.'
  })
  return { name, source: 'growthbook', scheme, config: { features }, experiment, ...(layer && { layer }), answers: answers.join('') }
}

// Eppo: splits of shards, and what they must become. `own` lists each variant's ranges, the control's first.
const whole = 10_000
const splits = [
  { name: 'everyone, halves', traffic: whole, own: [[[0, 5000]], [[5000, 10000]]], weights: [5000, 5000] },
  { name: 'traffic, three variants', traffic: 3700, own: [[[0, 5000]], [[5000, 8000]], [[8000, 10000]]], weights: [5000, 3000, 2000] },
  { name: 'thirds', traffic: 9999, own: [[[0, 3333]], [[3333, 6667]], [[6667, 10000]]], weights: [3333, 3334, 3333] },
  { name: 'ranges with gaps', traffic: 8000, own: [[[0, 2000], [6000, 7000]], [[2000, 5000]]], weights: [3000, 3000], gaps: true },
  { name: 'a layer', traffic: 5000, layer: [1000, 4000], own: [[[0, 5000]], [[5000, 10000]]], weights: [5000, 5000] },
  { name: 'no traffic shard', own: [[[0, 1]], [[1, 10000]]], weights: [1, 9999] },
  { name: 'a thousand shards', total: 1000, traffic: 333, own: [[[0, 500]], [[500, 1000]]], weights: [500, 500] },
  { name: 'rules, after testers', traffic: 9000, own: [[[0, 2500]], [[2500, 10000]]], weights: [2500, 7500], ruled: true },
  { name: 'salts beyond ASCII', salt: 'größe-😀', traffic: 100, own: [[[0, 5000]], [[5000, 10000]]], weights: [5000, 5000] },
  { name: 'control last', traffic: whole, own: [[[7000, 10000]], [[0, 7000]]], weights: [3000, 7000], gaps: true, controlLast: true },
]

function eppo(i, { name, salt = `flag-${i}`, total = whole, traffic, layer, own, weights, gaps, ruled, controlLast }) {
  const keys = own.map((_, k) => (k ? `treatment-${k}` : 'control'))
  const range = ([start, end]) => ({ start, end })
  const common = []
  if (traffic !== undefined) common.push({ salt: `${salt}-traffic`, ranges: [range([0, traffic])] })
  if (layer) common.push({ salt: `${salt}-layer`, ranges: [range(layer)] })
  const each = own.map((ranges, k) => ({ variationKey: keys[k], shards: [...common, { salt: `${salt}-split`, ranges: ranges.map(range) }] }))
  const rules = ruled ? [{ conditions: [{ attribute: 'country', operator: 'ONE_OF', value: ['CA', 'US'] }] }, { conditions: [{ attribute: 'orders', operator: 'GTE', value: 6 }] }] : undefined
  const allocation = { key: `test-${i}`, ...(rules && { rules }), splits: controlLast ? each.reverse() : each, doLog: true }
  const variations = Object.fromEntries(keys.map((key, k) => [key, { key, value: `v${k}` }]))
  const flag = { key: 'flag', enabled: true, variationType: 'STRING', variations, allocations: [allocation], totalShards: total }
  if (ruled) {
    flag.variations.tester = { key: 'tester', value: 'tester' }
    flag.allocations.unshift({ key: 'testers', rules: [{ conditions: [{ attribute: 'id', operator: 'ONE_OF', value: [ids[0], ids[1]] }] }], splits: [{ variationKey: 'tester', shards: [] }], doLog: false })
  }
  const experiment = {
    key: `flag-test-${i}`, hash: 'eppo', salt: `${salt}-split`, allocation: (traffic ?? total) / total, variants: variants(keys, weights),
    buckets: {
      ...(traffic !== undefined && { traffic_salt: `${salt}-traffic` }),
      ...(total !== whole && { total_shards: total }),
      ...(gaps && { ranges: own.map((list) => list.map(([from, to]) => ({ from: from / total, to: to / total }))) }),
    },
  }
  if (!Object.keys(experiment.buckets).length) delete experiment.buckets
  const store = new MemoryOnlyConfigurationStore()
  store.setEntries({ flag })
  store.setFormat('SERVER')
  store.setConfigFetchedAt('2026-01-01T00:00:00Z')
  store.setConfigPublishedAt('2026-01-01T00:00:00Z')
  store.setEnvironment({ name: 'production' })
  const client = new EppoClient({ flagConfigurationStore: store })
  client.setIsGracefulFailureMode(false)
  client.setAssignmentLogger({ logAssignment() {} })
  const answers = ids.map((id, k) => {
    const value = client.getStringAssignment('flag', id, visitors[k % visitors.length], 'none')
    return /^v\d$/.test(value) ? value.slice(1) : '.'
  })
  const config = { createdAt: '2026-01-01T00:00:00Z', format: 'SERVER', environment: { name: 'production' }, flags: { flag } }
  const at = layer && { layer: { salt: `${salt}-layer`, hash: 'eppo', from: layer[0] / total, to: layer[1] / total } }
  return { name, source: 'eppo', scheme: 'eppo', config, experiment, ...at, answers: answers.join('') }
}

// Drawn tests: weights in hundredths, any coverage, seeds of any letters.
const drawnWeights = (unit) => {
  const cuts = Array.from({ length: 1 + next(4) }, () => 1 + next(99)).concat(0, 100)
  const edges = [...new Set(cuts)].sort((a, b) => a - b)
  return edges.slice(1).map((to, k) => (to - edges[k]) * unit)
}
const drawn = (make) => Array.from({ length: Number(nDrawn) }, (_, i) => make(100 + i))
const drawnRule = (i) => ({ name: `drawn ${i}`, rule: { seed: `${pick(strange)}${hex(next(12))}`, coverage: next(1001) / 1000, weights: drawnWeights(0.01) } })
const drawnSplits = (i) => {
  const weights = drawnWeights(100)
  let at = 0
  const own = weights.map((w) => [[at, (at += w)]])
  return { name: `drawn ${i}`, salt: `${pick(strange)}${hex(next(12))}-${i}`, traffic: 1 + next(whole), own, weights }
}

const cases = [
  ...Object.keys(shares).flatMap((scheme) => [...rules, ...drawn(drawnRule)].map((rule, i) => growthbook(scheme, i, rule))),
  ...[...splits, ...drawn(drawnSplits)].map((split, i) => eppo(i, split)),
]
const note = 'Tests as GrowthBook and Eppo configure them and the variant the real SDK gives each id: `.` outside the test. Visitor k has attributes `visitors[k mod 7]`. `experiment` is what the importer must make of the configuration. Made by make_migration.mjs.'
const lines = (items) => items.map((item) => JSON.stringify(item)).join(',\n')
writeFileSync(file, `{"spec_version": 1, "note": ${JSON.stringify(note)},\n"visitors": ${JSON.stringify(visitors)},\n"ids": ${JSON.stringify(ids)},\n"cases": [\n${lines(cases)}\n]}\n`)
console.log(`${file}: ${cases.length} tests, ${ids.length} ids`)
