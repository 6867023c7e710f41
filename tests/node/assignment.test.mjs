// Assignment against the vectors and the truth, and the promise never to throw for a visitor's data.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { bundle, experiment, segments } from './bundle.mjs'
import { thrown, truth, vectors } from './shared.mjs'

const { Engine } = stoa
const insider = { orders_count: 3, country: 'CA' }

/** A bundle of one experiment as a case of the vectors has it. */
function engineOf({ salt, weights, allocation }) {
  const variants = weights.map((weight, i) => ({ key: `v${i}`, weight }))
  const { targeting, ...everyone } = experiment
  return Engine.fromJSON({ experiments: [{ ...everyone, salt, variants, allocation }] })
}

function checkDraws(cases) {
  for (const one of cases) {
    const engine = engineOf(one)
    assert.deepEqual(engine.problems, [])
    const { variant, reason } = engine.decide('free_shipping', one.unit)
    const expected = one.allocated ? [`v${one.variant}`, 'assigned'] : ['v0', 'not_allocated']
    assert.deepEqual([variant, reason], expected, JSON.stringify(one))
    const index = one.allocated ? one.variant : -1
    assert.equal(engine.experiment('free_shipping').variantIndex(one.unit), index)
  }
  assert.equal(cases.length, 200)
}

test('draws are those of the vectors', () => checkDraws(vectors('assignment').cases))

const reference = truth('truth/assignment_vectors.json')
test('draws are those of the truth', reference.options, () => checkDraws(reference.read().cases))

test('decisions are those of the vectors, one by one, all at once and in batches', () => {
  const { bundle: served, now, decisions } = vectors('assignment')
  const engine = Engine.fromJSON(served)
  for (const one of decisions) {
    const given = [one.unit, one.attributes, { now }]
    const decision = engine.decide(one.experiment, ...given)
    assert.deepEqual([decision.variant, decision.reason], [one.variant, one.reason], JSON.stringify(one))
    const found = engine.assign(...given).find((d) => d.experiment === one.experiment)
    if (found) assert.equal(found, decision)
    const x = engine.experiment(one.experiment)
    const taken = ['assigned', 'forced', 'shipped'].includes(one.reason)
    const index = x.variantIndex(...given)
    assert.equal(index, taken ? x.variants.findIndex((v) => v.key === one.variant) : -1)
    if (one.attributes === null || typeof one.attributes === 'object') {
      assert.equal(engine.assignBatch(one.experiment, [one.unit], [one.attributes], { now })[0], index)
    }
  }
})

const engine = Engine.fromJSON(bundle)

test('a decision is frozen all the way down, and the same object for the same outcome', () => {
  const decision = engine.decide('free_shipping', 'visitor-1', insider)
  assert.deepEqual(Object.keys(decision), ['experiment', 'variant', 'payload', 'reason', 'exposes', 'version'])
  assert.ok(Object.isFrozen(decision))
  const b = engine.experiment('free_shipping').variants[1]
  assert.deepEqual(b, { key: 'B', payload: { threshold: 50 } })
  assert.ok(Object.isFrozen(b.payload))
  const again = engine.decide('free_shipping', 'visitor-1', JSON.stringify(insider))
  assert.equal(again, decision)
})

test('nothing about a visitor throws', () => {
  const reason = (id, attributes) => engine.decide('free_shipping', id, attributes).reason
  for (const id of [undefined, null, 7, 7n, '', {}, [], Symbol('x'), 'x'.repeat(2000)]) {
    assert.equal(reason(id, insider), 'invalid_unit')
    assert.deepEqual(engine.assign(id, insider).map((d) => d.reason), ['invalid_unit'])
  }
  const circular = { orders_count: {} }
  circular.orders_count.self = circular
  const trap = { get orders_count() { throw new Error('no') } }
  const bad = ['', '{', '[]', 'true', 7, true, [1], circular, trap, Buffer.from([0xff, 0xfe]), () => 1, Symbol('x')]
  for (const attributes of bad) {
    assert.equal(reason('visitor-1', attributes), 'bad_attributes', String(typeof attributes))
  }
  for (const attributes of [undefined, null, {}, 'null', Buffer.from('{}')]) {
    assert.equal(reason('visitor-1', attributes), 'not_targeted')
  }
  const unknown = engine.decide('nope', 'visitor-1')
  assert.deepEqual([unknown.variant, unknown.payload, unknown.reason], [null, null, 'unknown_experiment'])
  assert.equal(engine.experiment('nope').variantIndex('visitor-1'), -1)
  for (const key of ['__proto__', 'constructor', '', undefined]) {
    assert.equal(engine.decide(key, 'visitor-1').reason, 'unknown_experiment')
  }
})

test('a lone surrogate in an id hashes as U+FFFD', () => {
  const everyone = engineOf({ salt: 'x', weights: Array(50).fill(1), allocation: 1 })
  const variant = (id) => everyone.decide('free_shipping', id).variant
  for (const tail of ['a', 'b', 'c', '\u{1f600}']) {
    assert.equal(variant(`\ud800${tail}`), variant(`\ufffd${tail}`))
    assert.equal(variant(`${tail}\udc00`), variant(`${tail}\ufffd`))
  }
})

test('a batch is the decisions one by one', async () => {
  const ids = Array.from({ length: 1000 }, (_, i) => (i % 7 ? `v-${i}` : i))
  const rows = ids.map((_, i) => (i % 3 ? insider : { orders_count: 1, country: 'CA' }))
  const x = engine.experiment('free_shipping')
  const expected = Int8Array.from(ids, (id, i) => x.variantIndex(id, rows[i]))
  assert.deepEqual(engine.assignBatch('free_shipping', ids, rows), expected)
  assert.deepEqual(engine.assignBatch('free_shipping', ids, JSON.stringify(rows)), expected)
  assert.deepEqual(engine.assignBatch('free_shipping', ids, Buffer.from(JSON.stringify(rows))), expected)
  assert.ok(engine.assignBatch('free_shipping', ids).every((i) => i === -1))
  assert.deepEqual(engine.assignBatch('nope', ['a']), Int8Array.of(-1))
  assert.equal((await thrown(() => engine.assignBatch('free_shipping', ids, [{}]))).code, 'conflict')
  assert.equal((await thrown(() => engine.assignBatch('free_shipping', ids, '{'))).code, 'invalid_document')
})

test('the clock is the default instant', () => {
  const targeting = { attr: 'seen', op: 'within_days', value: 1 }
  const recent = Engine.fromJSON({ experiments: [{ ...experiment, targeting }] })
  const seen = new Date(Date.now() - 3_600_000)
  assert.equal(recent.decide('free_shipping', 'v', { seen }).reason, 'assigned')
  const later = { now: new Date(Date.now() + 7 * 86_400_000) }
  assert.equal(recent.decide('free_shipping', 'v', { seen }, later).reason, 'not_targeted')
})

test('documents make a bundle, strictly; a bundle is served, tolerantly', async () => {
  const yaml = 'key: vip\nrule: {attr: vip, op: eq, value: true}'
  const made = Engine.fromDocuments({ experiments: [experiment], segments: [...segments, yaml] })
  const served = Engine.fromJSON(JSON.stringify(made))
  assert.equal(served.version, made.version)
  assert.match(made.version, /^[0-9a-f]{64}$/)
  assert.equal(made.segmentHashes.repeat_na, stoa.Rule.fromJSON(segments[0].rule).hash())
  const error = await thrown(() =>
    Engine.fromDocuments({ experiments: [{ ...experiment, surfice: 1 }, 'key: x'], segments: [{ key: 'S' }] }),
  )
  const fields = error.problems.map((problem) => problem.field)
  assert.ok(fields.includes('experiments[0].surfice'), fields.join())
  assert.ok(fields.some((f) => f.startsWith('experiments[1]')) && fields.some((f) => f.startsWith('segments[0]')))
  const half = Engine.fromJSON({ experiments: [{ ...experiment, key: 'heavy', variants: [{ key: 'A', weight: -1 }] }, experiment], segments })
  assert.equal(half.decide('heavy', 'v').reason, 'load_error')
  assert.equal(half.decide('free_shipping', 'v', insider).reason, 'assigned')
  assert.ok(half.problems.length > 0)
  for (const [lost, field] of [[{}, 'experiments'], [{ experiment: [] }, 'experiments'], [{ experiments: 'x' }, 'experiments'], [{ experiments: [], segments: 5 }, 'segments']]) {
    assert.deepEqual(Engine.fromJSON(lost).problems.map((problem) => problem.field), [field])
  }
  for (const bad of ['{', '[]', '7']) assert.equal((await thrown(() => Engine.fromJSON(bad))).code, 'invalid_document')
})

test('SQL for variant and reason', async () => {
  const sql = engine.assignmentSql('free_shipping', 'duckdb', { unit: 'user', alias: 'v' })
  assert.match(sql, /"v"\."user"/)
  assert.match(engine.reasonSql('free_shipping', 'duckdb'), /'not_targeted'/)
  assert.equal((await thrown(() => engine.assignmentSql('nope', 'duckdb'))).code, 'unknown_name')
  assert.equal((await thrown(() => engine.assignmentSql('free_shipping', 'oracle'))).code, 'unknown_name')
})
