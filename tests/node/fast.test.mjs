// The hot path: one answer on every way to it, whatever the id and the attributes are made of.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'

import stoa from '../../stoa-node/lib/index.js'
import { bundle, experiment } from './bundle.mjs'

const { Engine } = stoa
const everyone = { ...experiment, key: 'everyone', targeting: undefined, variants: ['A', 'B', 'C'].map((key) => ({ key })) }
const engine = Engine.fromJSON({ ...bundle, experiments: [experiment, everyone] })
const x = engine.experiment('free_shipping')
const variantOf = x.positional('orders_count', 'country')

/** Every way of giving these attributes, and whether only JSON can. */
function ways(attributes) {
  const text = JSON.stringify(attributes)
  const cached = JSON.stringify({ v: 1, a: attributes, s: {} })
  const spread = new Uint8Array([32, ...Buffer.from(text), 32]).subarray(1, -1)
  return [attributes, text, Buffer.from(text), spread, shared(text), cached, Buffer.from(cached), { v: 1, a: attributes, s: {} }]
}

function shared(text) {
  const bytes = new Uint8Array(new SharedArrayBuffer(Buffer.byteLength(text)))
  bytes.set(Buffer.from(text))
  return bytes
}

const oddities = [3, 2, 1.5, 0, -0, 1e300, NaN, Infinity, null, undefined, true, false, '3', '', 'CA', 'C\u0000A', 'é', '\ud83d\ude00', '\ud800', 'x'.repeat(600), 'é'.repeat(600)]

test('every way gives the same decision', () => {
  for (const orders_count of oddities) {
    for (const country of [...oddities, 'US', ['CA'], { a: 1 }]) {
      const attributes = { orders_count, country, email: 'a@b.c' }
      const expected = x.decide('visitor-1', attributes)
      const index = expected.reason === 'assigned' ? x.variants.findIndex(({ key }) => key === expected.variant) : -1
      for (const way of ways(attributes)) {
        // JSON text holds no lone surrogate: as an escape it is refused, and an object's becomes U+FFFD.
        const refused = typeof way !== 'object' || way instanceof Uint8Array ? JSON.stringify(attributes).includes('\\ud') : false
        const decision = x.decide('visitor-1', way)
        assert.equal(decision.reason, refused ? 'bad_attributes' : expected.reason, JSON.stringify(attributes))
        if (!refused) assert.equal(decision, expected)
        assert.equal(x.variantIndex('visitor-1', way), refused ? -1 : index)
        assert.equal(engine.assign('visitor-1', way).find((d) => d.experiment === 'free_shipping'), decision)
      }
      if (typeof country !== 'object') assert.equal(variantOf('visitor-1', orders_count, country), index)
    }
  }
})

test('an object is read as its JSON is: own properties, and what is behind them only where it matters', () => {
  const insider = { orders_count: 3, country: 'CA' }
  const { variant } = x.decide('visitor-1', insider)
  const decides = (attributes, reason) => assert.equal(x.decide('visitor-1', attributes).reason, reason)
  assert.equal(x.decide('visitor-1', { toJSON: () => insider }).variant, variant)
  assert.equal(x.decide('visitor-1', { orders_count: { toJSON: () => 3 }, country: new String('CA') }).variant, variant)
  decides(Object.create(insider), 'not_targeted')
  decides(Object.assign(Object.create({ country: 'DE' }), insider), 'assigned')
  decides(Object.assign(Object.create(null), insider), 'assigned')
  decides({ ...insider, unread: 1n }, 'assigned')
  decides([3, 'CA'], 'bad_attributes')
  decides(new Map(Object.entries(insider)), 'assigned')
  const { proxy, revoke } = Proxy.revocable(insider, {})
  decides(proxy, 'assigned')
  revoke()
  decides(proxy, 'bad_attributes')
  decides(new Proxy({}, { get: () => { throw new Error('no') } }), 'bad_attributes')
})

test('bytes that are no attributes are refused by name: rubbish, detached, of another kind', () => {
  const detached = Buffer.from(new ArrayBuffer(64))
  new MessageChannel().port1.postMessage(null, [detached.buffer])
  assert.equal(detached.length, 0)
  const rubbish = Buffer.alloc(1 << 20, 0xee)
  for (const bytes of [detached, rubbish, Buffer.alloc(0), Buffer.from('{"orders_count": 3'), Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])]) {
    assert.equal(x.decide('visitor-1', bytes).reason, 'bad_attributes')
    assert.equal(variantOf('visitor-1', bytes, bytes), -1)
  }
})

test('an id is hashed as UTF-8, however JavaScript keeps it, and is at most 1,024 bytes', () => {
  const y = engine.experiment('everyone')
  const half = 'v'.repeat(300)
  const ids = ['v', 'é', 'ÿ', 'Ł', '中', '\u{1f600}', '\ud800', 'a\udc00b', 'a\u0000b', 'é'.repeat(511), 'é'.repeat(512), '中'.repeat(341), half + half + 'Ł', 'v'.repeat(1024)]
  for (const id of ids) {
    const decided = y.decide(id)
    assert.equal(decided.reason, 'assigned')
    // JSON text takes another road into the engine: the sum of a batch's ids.
    const [sameText] = engine.assignBatch('everyone', [Buffer.from(id).toString()])
    assert.equal(y.variants[sameText].key, decided.variant)
    assert.equal(y.positional()(id), sameText)
  }
  const long = ['', 'v'.repeat(1025), 'é'.repeat(513), 'v'.repeat(1 << 20), 'Ł'.repeat(1 << 20), undefined, 7, Buffer.from('v')]
  for (const id of long) {
    assert.equal(y.decide(id).reason, 'invalid_unit')
    assert.equal(y.positional()(id), -1)
  }
})

test('arguments by place: any number of names, fewer values, others ignored', () => {
  const names = Array.from({ length: 40 }, (_, i) => `n${i}`)
  const many = x.positional(...names, 'orders_count', 'country')
  const padding = names.map((_, i) => (i % 2 ? i : 'x'))
  const index = variantOf('visitor-1', 3, 'CA')
  assert.notEqual(index, -1)
  assert.equal(many('visitor-1', ...padding, 3, 'CA'), index)
  for (const more of [[undefined, undefined, 9], ['no instant', 'no memory'], [{}]]) {
    assert.equal(variantOf('visitor-1', 3, 'CA', ...more), index)
  }
  assert.equal(variantOf('visitor-1', 3), -1)
  assert.equal(variantOf(), -1)
  assert.equal(x.positional('country', 'orders_count')('visitor-1', 'CA', 3), index)
})

test('the clock is read where the rules ask for it, on every way', () => {
  const targeting = { attr: 'seen', op: 'within_days', value: 1 }
  const y = Engine.fromJSON({ experiments: [{ ...everyone, targeting }] }).experiment('everyone')
  const [recent, old] = [3_600_000, 7 * 86_400_000].map((ago) => new Date(Date.now() - ago).toISOString())
  for (const [seen, taken] of [[recent, true], [old, false]]) {
    assert.equal(y.variantIndex('v', { seen }) >= 0, taken)
    assert.equal(y.variantIndex('v', JSON.stringify({ seen })) >= 0, taken)
    assert.equal(y.positional('seen')('v', seen) >= 0, taken)
    assert.equal(y.positional('other', 'seen', 'more')('v', 1, seen) >= 0, taken)
  }
  assert.throws(() => y.variantIndex('v', {}, { now: 'yesterday' }), { code: 'out_of_range', value: 'yesterday' })
})

test('a sticky experiment keeps what it has shown, and memory that cannot be read is nothing', () => {
  const sticky = Engine.fromJSON({ ...bundle, experiments: [{ ...experiment, sticky: true }, everyone] })
  const y = sticky.experiment('free_shipping')
  const insider = { orders_count: 3, country: 'CA' }
  const first = y.decide('visitor-1', insider)
  const memory = sticky.remember(undefined, sticky.assign('visitor-1', insider))
  assert.match(memory, /^free_shipping\.[0-9a-f]{8}\.[AB]$/)
  assert.equal(sticky.remember(memory, sticky.assign('visitor-1', {})), memory)
  for (const attributes of [{}, '{}', Buffer.from('{}'), undefined]) {
    assert.equal(y.decide('visitor-1', attributes).reason, 'not_targeted')
    assert.equal(y.decide('visitor-1', attributes, { memory }), first)
    assert.equal(y.variants[y.variantIndex('visitor-1', attributes, { memory })].key, first.variant)
    assert.equal(sticky.assign('visitor-1', attributes, { memory })[0], first)
  }
  for (const rubbish of ['', '~~~', 'x'.repeat(100_000), `${memory}.`, '\u0000', 7, null, {}]) {
    assert.equal(y.decide('visitor-1', {}, { memory: rubbish }).reason, 'not_targeted')
    assert.equal(sticky.remember(rubbish, [first]), memory)
  }
  const elsewhere = { ...first, experiment: 'gone' }
  assert.equal(sticky.remember(memory, [elsewhere, { ...first, variant: 'Z' }]), memory)
})

test('what a cache must hold is named', () => {
  assert.deepEqual(engine.attributes, ['country', 'orders_count'])
  assert.ok(Object.isFrozen(engine.attributes))
})

test('memory does not grow with the visitors', () => {
  const script = new URL('../../benches/assign/memory.mjs', import.meta.url).pathname
  const done = spawnSync(process.execPath, ['--expose-gc', script, '100000'], { encoding: 'utf8' })
  assert.equal(done.status, 0, done.stderr)
  const { extra_mb } = JSON.parse(done.stdout)
  assert.ok(extra_mb <= 5, `${extra_mb} MB`)
})
