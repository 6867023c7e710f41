// The sink of exposures: each once, in batches, beside the request, and whatever becomes of the writing.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Engine, exposureOf, Exposures, StoaError } from '../../stoa-node/lib/index.mjs'
import { bundle } from './bundle.mjs'
import { until } from './redis-server.mjs'

const row = (unit, experiment = 'free_shipping') => ({
  experiment,
  variant: 'B',
  unit,
  time: new Date('2026-01-31'),
  source: 'redis',
  version: 'x',
  reason: 'assigned',
})

/** A sink and the batches that it wrote. */
function sink(options = {}) {
  const batches = []
  const exposures = new Exposures({ write: (batch) => void batches.push(batch.map(({ unit }) => unit)), ...options })
  return { exposures, batches }
}

test('a decision that counts in an analysis has an exposure, others have none', () => {
  const engine = Engine.fromJSON(bundle)
  const time = new Date('2026-01-31')
  const decision = engine.decide('free_shipping', 'ana', { orders_count: 3, country: 'CA' })
  const { variant } = decision
  const { version } = engine
  const expected = { experiment: 'free_shipping', variant, unit: 'ana', time, source: 'cache', version, reason: 'assigned' }
  assert.deepEqual(exposureOf(decision, 'ana', 'cache', time), expected)
  assert.equal(exposureOf(engine.decide('free_shipping', 'ana', {}), 'ana', 'cache'), undefined)
  assert.equal(exposureOf(engine.decide('nowhere', 'ana', {}), 'ana', 'cache'), undefined)
})

test('each pair of experiment and visitor is written once', async () => {
  const { exposures, batches } = sink()
  for (let i = 0; i < 3; i += 1) for (const unit of ['ana', 'bo']) exposures.add(row(unit))
  exposures.add(row('ana', 'another'))
  exposures.add(undefined)
  // Neither an experiment nor a visitor can be read as a part of the other.
  exposures.add(row('b', 'a'))
  exposures.add(row('', 'ab'))
  exposures.add(row('\0b', 'a'))
  await exposures.close()
  assert.deepEqual(batches, [['ana', 'bo', 'ana', 'b', '\0b']])
  const { taken, repeated, written, dropped, pending } = exposures.stats()
  assert.deepEqual([taken, repeated, written, dropped, pending], [5, 4, 5, 1, 0])
})

test('as many pairs are remembered as allowed, the latest seen longest', async () => {
  const { exposures } = sink({ remembered: 2 })
  for (const unit of ['a', 'b', 'c', 'b', 'a']) exposures.add(row(unit))
  assert.deepEqual([exposures.stats().taken, exposures.stats().repeated], [4, 1])
  await exposures.close()
})

test('rows go out in batches, in order, when a batch is full or its time has come', async () => {
  const { exposures, batches } = sink({ maxBatch: 3, flushMs: 20 })
  for (let i = 0; i < 7; i += 1) exposures.add(row(`v${i}`))
  assert.deepEqual(batches, [], 'nothing is written inside the request')
  await until(() => exposures.stats().written === 7)
  assert.deepEqual(batches, [['v0', 'v1', 'v2'], ['v3', 'v4', 'v5'], ['v6']])
  exposures.add(row('late'))
  await until(() => batches.length === 4)
  await exposures.close()
})

test('a row that comes when a batch has just been written is not forgotten', async () => {
  const { exposures, batches } = sink({ maxBatch: 1, flushMs: 0 })
  for (let i = 0; i < 200; i += 1) {
    exposures.add(row(`v${i}`))
    for (let turn = 0; turn < i % 12; turn += 1) await undefined
  }
  await until(() => exposures.stats().written === 200)
  assert.deepEqual(batches.flat(), Array.from({ length: 200 }, (_, i) => `v${i}`))
})

test('a write that fails is tried again, later each time, and loses nothing', async () => {
  const tries = []
  const told = []
  let failing = 3
  const write = async (batch) => {
    tries.push([performance.now(), batch.map(({ unit }) => unit)])
    if ((failing -= 1) >= 0) throw new Error('down')
  }
  const exposures = new Exposures({ write, onError: (error) => told.push(error.message), maxBatch: 2 })
  exposures.add(row('a'))
  exposures.add(row('b'))
  exposures.add(row('c'))
  await exposures.flush()
  assert.deepEqual(tries.map(([, units]) => units.join('')), ['ab', 'ab', 'ab', 'ab', 'c'])
  assert.deepEqual(told, ['down', 'down', 'down'])
  assert.ok(tries[1][0] - tries[0][0] >= 20, 'a pause before it is tried again')
  const { written, failures, dropped } = exposures.stats()
  assert.deepEqual([written, failures, dropped], [3, 3, 0])
})

test('what is never accepted is given up, counted, and taken again when it is shown again', async () => {
  const written = []
  let down = true
  const write = (batch) => {
    if (down) throw new Error('down')
    written.push(...batch)
  }
  const exposures = new Exposures({ write, retries: 0, onError: () => assert.fail('its own errors stop there') })
  exposures.add(row('ana'))
  await exposures.flush()
  assert.equal(exposures.stats().dropped, 1)
  down = false
  exposures.add(row('ana'))
  await exposures.close()
  assert.equal(written.length, 1)
})

test('a write that does not end is given up too, and rows that find no room are dropped', async () => {
  const exposures = new Exposures({ write: () => new Promise(() => {}), writeMs: 50, retries: 1, maxPending: 3, maxBatch: 2 })
  for (let i = 0; i < 5; i += 1) exposures.add(row(`v${i}`))
  assert.equal(exposures.stats().dropped, 2)
  await exposures.flush()
  const { dropped, failures, pending, repeated } = exposures.stats()
  assert.deepEqual([dropped, failures, pending, repeated], [5, 4, 0, 0])
})

test('closing takes no longer than it may, and nothing is taken afterwards', async () => {
  const exposures = new Exposures({ write: () => new Promise(() => {}) })
  exposures.add(row('ana'))
  const start = performance.now()
  await exposures.close(30)
  assert.ok(performance.now() - start < 2_000)
  exposures.add(row('bo'))
  const { dropped, pending } = exposures.stats()
  assert.deepEqual([dropped, pending], [2, 0])
})

test('ids that nobody is decided for are dropped, whatever they are', async () => {
  const { exposures, batches } = sink()
  for (const unit of ['', 'x'.repeat(1_025), 'x'.repeat(1e6), 7, null, undefined, 3n, {}]) exposures.add(row(unit))
  exposures.add(row('x'.repeat(1_024)))
  await exposures.close()
  assert.equal(exposures.stats().dropped, 8)
  assert.equal(batches.flat().length, 1)
})

test('what is no row is none or dropped, and a batch stays as it is', async () => {
  const batches = []
  const exposures = new Exposures({ write: async (batch) => { batches.push(batch) } })
  exposures.add(null)
  exposures.add(undefined)
  exposures.add({ get unit() { throw new Error('no') } })
  exposures.add({ ...row('ana'), experiment: Symbol('x') })
  exposures.add(row('bo'))
  await exposures.close()
  assert.deepEqual([exposures.stats().dropped, exposures.stats().written], [2, 1])
  assert.ok(Object.isFrozen(batches[0]))
})

test('options that cannot be are refused by name', () => {
  for (const option of ['maxBatch', 'flushMs', 'maxPending', 'remembered', 'retries', 'writeMs']) {
    const named = (error) => error instanceof StoaError && error.code === 'out_of_range' && error.field === option
    assert.throws(() => sink({ [option]: -1 }), named)
    assert.throws(() => sink({ [option]: Number.NaN }), named)
    assert.throws(() => sink({ [option]: 2 ** 31 }), named)
  }
})
