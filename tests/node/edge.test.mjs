// The edge module: alone, without Node, and with exactly the native engine's answers.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

import stoa from '../../stoa-node/lib/index.js'
import { EdgeEngine } from '../../stoa-node/lib/edge.mjs'
import { sha256 } from '../../stoa-node/lib/edge/sha256.mjs'
import { bundle, experiment } from './bundle.mjs'
import { thrown, vectors } from './shared.mjs'

const { Engine } = stoa
const insider = { orders_count: 3, country: 'CA' }
/** Minified, so that it costs a worker nothing to start with. */
const MOST_BYTES = 12 * 1024

function both(document) {
  const native = Engine.fromJSON(document)
  return { native, edge: new EdgeEngine(native.plan()) }
}

test('decisions are those of the vectors, one by one and all at once', () => {
  const { bundle: served, now, decisions } = vectors('assignment')
  const { native, edge } = both(served)
  assert.deepEqual(edge.problems, native.problems)
  for (const one of decisions) {
    const given = [one.unit, one.attributes, { now }]
    const decision = edge.decide(one.experiment, ...given)
    assert.deepEqual(decision, native.decide(one.experiment, ...given))
    assert.deepEqual([decision.variant, decision.reason], [one.variant, one.reason], JSON.stringify(one))
    assert.deepEqual(edge.assign(...given), native.assign(...given))
    const index = edge.experiment(one.experiment).variantIndex(...given)
    assert.equal(index, native.experiment(one.experiment).variantIndex(...given))
  }
})

test('draws are those of the vectors', () => {
  for (const { salt, weights, allocation, unit, ...one } of vectors('assignment').cases) {
    const { targeting, ...everyone } = experiment
    const variants = weights.map((weight, i) => ({ key: `v${i}`, weight }))
    const { edge } = both({ experiments: [{ ...everyone, salt, variants, allocation }] })
    const { variant, reason } = edge.decide('free_shipping', unit)
    assert.deepEqual([variant, reason], one.allocated ? [`v${one.variant}`, 'assigned'] : ['v0', 'not_allocated'])
  }
})

test('the digest is that of SHA-256 for every length around its blocks', () => {
  for (let length = 0; length < 300; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 255)
    const expected = createHash('sha256').update(message).digest()
    assert.deepEqual([...sha256(message)], Array.from({ length: 8 }, (_, i) => expected.readInt32BE(4 * i)))
  }
})

test('it runs where there is nothing but the language and UTF-8, and is small', async () => {
  const require = createRequire(new URL('../../stoa-node/package.json', import.meta.url))
  const { build } = require('esbuild')
  const entry = fileURLToPath(new URL('../../stoa-node/lib/edge.mjs', import.meta.url))
  const options = { entryPoints: [entry], bundle: true, minify: true, write: false, format: 'iife', globalName: 'stoa' }
  const { outputFiles, metafile } = await build({ ...options, metafile: true })
  const outside = Object.values(metafile.inputs).flatMap((input) => input.imports.filter((i) => i.external))
  assert.deepEqual(outside, [])
  assert.ok(outputFiles[0].contents.length <= MOST_BYTES, `${outputFiles[0].contents.length} bytes`)
  const { native } = both(bundle)
  const context = vm.createContext({ TextEncoder, TextDecoder, plan: JSON.stringify(native.plan()) })
  const ask = `JSON.stringify(new stoa.EdgeEngine(plan).decide('free_shipping', 'visitor-1', '${JSON.stringify(insider)}'))`
  const said = JSON.parse(vm.runInContext(`${outputFiles[0].text}; ${ask}`, context))
  assert.deepEqual(said, native.decide('free_shipping', 'visitor-1', insider))
})

test('a decision is frozen all the way down, and the same object for the same outcome', () => {
  const { edge, native } = both(bundle)
  const plan = native.plan()
  const decision = edge.decide('free_shipping', 'visitor-1', insider)
  assert.ok(Object.isFrozen(decision) && Object.isFrozen(edge.experiment('free_shipping').variants[1].payload))
  assert.equal(edge.assign('visitor-1', JSON.stringify(insider))[0], decision)
  new EdgeEngine(plan)
  assert.ok(!Object.isFrozen(plan) && !Object.isFrozen(plan.experiments[0]))
})

test('nothing about a visitor throws, and what is wrong has the native reason', () => {
  const { edge, native } = both(bundle)
  const circular = {}
  circular.self = circular
  const trap = { get orders_count() { throw new Error('no') } }
  const detached = new Uint8Array(4)
  structuredClone(detached.buffer, { transfer: [detached.buffer] })
  const deep = (n) => `{"x":${'['.repeat(n)}${']'.repeat(n)},"orders_count":3,"country":"CA"}`
  const wide = `{"x":[${'{},'.repeat(500)}1],"orders_count":3,"country":"CA"}`
  const long = JSON.stringify({ ...insider, x: 'é\\"'.repeat(400_000) })
  const given = [undefined, null, {}, 'null', '', '{', '[]', 'true', 7, true, [1], trap, () => 1]
  given.push(Symbol('x'), Buffer.from([0xff]), detached, Buffer.from('{}'), deep(126), deep(127), wide, long)
  given.push('{"x":1e999,"x":1}', '{"x":"\\ud800"}', '{"x":"\\uDC00"}', '{"x":"\\\\ud800"}', '\ufeff{}', Buffer.from('\ufeff{}'))
  given.push({ country: 'CA\ud800', orders_count: 3 }, { ...insider, toJSON: () => null }, new Map([['orders_count', 3]]))
  given.push(JSON.parse('{"__proto__": {"orders_count": 3, "country": "CA"}}'), Object.create(insider), new Date(0))
  const bytes = Uint8Array.from(Buffer.from(JSON.stringify(insider).padEnd(64)))
  const views = [bytes.subarray(0), new DataView(bytes.buffer), new Uint16Array(bytes.buffer), new Float64Array(bytes.buffer)]
  for (const view of views) assert.equal(native.decide('free_shipping', 'visitor-1', view).reason, 'assigned')
  given.push(new Map([['orders_count', 3], ['country', 'CA']]), { ...insider, orders_count: 3n }, { ...insider, tags: [1n, 'x'] })
  given.push(...views, new Float64Array([3]), new DataView(bytes.buffer, 1))
  for (const attributes of given) {
    const expected = native.decide('free_shipping', 'visitor-1', attributes)
    assert.deepEqual(edge.decide('free_shipping', 'visitor-1', attributes), expected, String(expected.reason))
  }
  // Of an object only what targeting reads is looked at.
  for (const unread of [circular, { n: 1n }]) {
    assert.equal(edge.decide('free_shipping', 'visitor-1', unread).reason, 'not_targeted')
    assert.equal(edge.decide('free_shipping', 'visitor-1', { ...insider, ...unread }).reason, 'assigned')
    const read = { orders_count: unread, country: 'CA' }
    assert.deepEqual(edge.decide('free_shipping', 'visitor-1', read), native.decide('free_shipping', 'visitor-1', read))
  }
  for (const id of [undefined, null, 7, 7n, '', {}, [], Symbol('x'), 'x'.repeat(1024), 'x'.repeat(1025), 'é'.repeat(513), '\ud800']) {
    assert.deepEqual(edge.decide('free_shipping', id, insider), native.decide('free_shipping', id, insider))
    assert.deepEqual(edge.assign(id, insider), native.assign(id, insider))
  }
  for (const key of ['nope', '__proto__', 'constructor', '', undefined]) {
    assert.equal(edge.decide(key, 'visitor-1').reason, 'unknown_experiment')
  }
})

test('instants are read as the native engine reads them', () => {
  const at = '2026-03-01T00:30:00.000001Z'
  const exactly = { attr: 't', op: 'between', value: [at, at] }
  const { edge, native } = both({ experiments: [{ ...experiment, targeting: exactly }] })
  const same = ['2026-03-01T00:30:00.000001Z', '2026-03-01t01:30:00,0000019+01', '2026-03-01 013000.000001+0100']
  same.push('2026-02-28T23:00:00.000001-01:30', '2026-03-01T00:30:30.000001+00:00:30', '2026-03-01T00:30:29.000001+000028.5')
  const other = ['2026-03-01T00:30:00.000002Z', '2026-02-29T00:30:00.000001Z', '2026-03-01T00:30:00.0000010000Z']
  other.push('2026-03-01T00:30:00.000001Z[UTC]', '2026-03-01T00:30:00.000001', '2026-03-01_00:30:00.000001Z', `${at} `, `${at}\n`)
  other.push('2026-03-01T24:30:00.000001Z', '2026-03-01T00:30:00.000001+26:00', '2026-03-01T00:3000.000001Z')
  for (const t of [...same, ...other]) {
    const { reason } = edge.decide('free_shipping', 'v', { t })
    assert.equal(reason, same.includes(t) ? 'assigned' : 'not_targeted', t)
    assert.equal(reason, native.decide('free_shipping', 'v', { t }).reason, t)
  }
  const leap = { ...experiment, targeting: { attr: 't', op: 'lte', value: '2016-12-31T23:59:59Z' } }
  assert.equal(both({ experiments: [leap] }).edge.decide('free_shipping', 'v', { t: '2016-12-31T23:59:60Z' }).reason, 'assigned')
})

test('the clock is the default instant, and a bad one is the caller’s mistake', async () => {
  const targeting = { attr: 'seen', op: 'within_days', value: 1 }
  const { edge } = both({ experiments: [{ ...experiment, targeting }] })
  const seen = new Date(Date.now() - 3_600_000)
  const reason = (options) => edge.decide('free_shipping', 'v', { seen }, options).reason
  assert.equal(reason(), 'assigned')
  assert.equal(reason({ now: new Date(Date.now() + 7 * 86_400_000) }), 'not_targeted')
  for (const now of ['soon', new Date(Number.NaN)]) assert.equal((await thrown(() => reason({ now }))).code, 'out_of_range')
})

test('a sticky experiment keeps what it has shown', () => {
  const newcomers = { attr: 'orders_count', op: 'eq', value: 0 }
  const { edge } = both({ experiments: [{ ...experiment, sticky: true, targeting: newcomers }] })
  const first = edge.decide('free_shipping', 'v', { orders_count: 0 })
  const memory = edge.remember(undefined, [first])
  assert.match(memory, /^free_shipping\.[0-9a-f]{8}\.[AB]$/)
  assert.equal(edge.decide('free_shipping', 'v', { orders_count: 1 }).reason, 'not_targeted')
  assert.equal(edge.decide('free_shipping', 'v', { orders_count: 1 }, { memory }), first)
  assert.equal(edge.remember(`gone.00000000.A~${memory}~~x`, []), memory)
})

test('what only the native engine can do is said', async () => {
  const moved = { ...experiment, hash: 'growthbook_v2', salt: 'seed' }
  const { edge, native } = both({ ...bundle, experiments: [moved, { ...experiment, key: 'other', salt: 'o' }] })
  assert.deepEqual(native.problems, [])
  assert.deepEqual(edge.problems.map(({ code, field }) => [code, field]), [['unsupported', 'experiments[0].hash']])
  const { variant, reason } = edge.decide('free_shipping', 'v', insider)
  assert.deepEqual([variant, reason], ['A', 'load_error'])
  assert.equal(edge.decide('other', 'v', insider).reason, 'assigned')
  assert.equal((await thrown(() => new EdgeEngine({ ...native.plan(), format: 2 }))).code, 'unsupported')
})
