// An explanation tells the decision, with its values, and cannot be changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { bundle, experiment } from './bundle.mjs'
import { vectors } from './shared.mjs'

const { Engine } = stoa

test('every decision of the vectors is explained', () => {
  const document = vectors('assignment')
  const engine = Engine.fromJSON(document.bundle)
  const now = document.now
  for (const { experiment: key, unit, attributes, reason } of document.decisions) {
    const why = engine.explain(key, unit, attributes, { now })
    assert.deepEqual(why.decision, engine.decide(key, unit, attributes, { now }))
    assert.equal(why.decision.reason, reason)
    const [first] = why.checks.filter((check) => check.says !== null)
    assert.deepEqual([first.spoke, first.says.reason], [true, reason])
  }
})

test('the values are there, frozen', () => {
  const engine = Engine.fromJSON(bundle)
  const why = engine.explain('free_shipping', 'visitor-1', { orders_count: 1, country: 'CA' })
  const { saw } = why.checks.find((check) => check.check === 'targeting')
  const reached = { attribute: 'orders_count', operator: 'gte', operand: 2, found: 1, answer: false }
  assert.deepEqual(saw.trace, { answer: false, comparisons: [reached], memberships: [] })
  assert.ok(Object.isFrozen(why) && Object.isFrozen(saw.trace.comparisons[0]))
  assert.match(why.description, /> targeting {4}false: /)
})

test('nothing about a visitor throws', () => {
  const engine = Engine.fromJSON(bundle)
  for (const attributes of [undefined, null, '{', Buffer.from([0xff]), { orders_count: 1n }]) {
    const why = engine.explain('free_shipping', 7, attributes)
    assert.equal(why.decision.reason, 'invalid_unit')
  }
  for (const key of ['nowhere', undefined, 5, {}]) {
    assert.equal(engine.explain(key, 'u1').decision.reason, 'unknown_experiment')
  }
  for (const memory of [5, [], {}, 1n, Symbol('x')]) {
    assert.deepEqual(engine.explain('free_shipping', 'u1', {}, { memory }).decision, engine.decide('free_shipping', 'u1', {}, { memory }))
  }
})

test('what was shown before is told', () => {
  const sticky = { ...experiment, targeting: { attr: 'orders_count', op: 'eq', value: 0 }, sticky: true }
  const engine = Engine.fromJSON({ experiments: [sticky] })
  // The first eight hex digits of SHA-256("free_shipping") name the run.
  const memory = 'free_shipping.c18572a2.B'
  const why = engine.explain('free_shipping', 'visitor-1', { orders_count: 1 }, { memory })
  assert.equal(why.decision.reason, 'assigned')
})
