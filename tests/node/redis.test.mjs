// Attributes from a real Redis: found, not found, slow, gone, full of rubbish.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { after, before, test } from 'node:test'

import { Engine, StoaError } from '../../stoa-node/lib/index.mjs'
import { AttributeStore } from '../../stoa-node/lib/redis.mjs'
import { bundle } from './bundle.mjs'
import { connected, createClient, createClientPool, createCluster, require, startRedis, until } from './redis-server.mjs'

const engine = Engine.fromJSON(JSON.stringify(bundle))
const REPEAT = JSON.stringify({ v: 1, a: { orders_count: 3, country: 'CA' }, s: {} })

let server
let redis
before(async () => {
  server = await startRedis()
  redis = await connected(server.url)
})
after(async () => {
  redis.destroy()
  await server.stop()
})

const points = (namespace, current, previous) =>
  redis.set(`stoa:${namespace}:current`, JSON.stringify({ current, previous }))
const put = (namespace, generation, id, value) => redis.set(`stoa:${namespace}:attr:${generation}:${id}`, value)

/** A store that reaches Redis before the test begins. */
async function opened(t, namespace, options = {}) {
  const store = new AttributeStore({ url: server.url, namespace, timeoutMs: 500, ...options })
  t.after(() => store.close())
  await until(async () => {
    const { errors } = store.stats()
    await store.get('warming up')
    return store.stats().errors === errors && !store.stats().open
  })
  return store
}

test('a visitor is found in the current generation, or else in the one before', async (t) => {
  await points('two', 'g2', 'g1')
  await put('two', 'g2', 'ana', REPEAT)
  await put('two', 'g1', 'ana', '{"v":1,"a":{"orders_count":0},"s":{}}')
  await put('two', 'g1', 'bo', REPEAT)
  const store = await opened(t, 'two')
  for (const id of ['ana', 'bo']) {
    const { attributes, source } = await store.get(id)
    assert.equal(source, 'redis')
    assert.equal(attributes.toString(), REPEAT)
    assert.equal(engine.decide('free_shipping', id, attributes).reason, 'assigned')
    assert.equal((await store.get(id)).source, 'cache')
  }
  assert.deepEqual(await store.get('nobody'), { attributes: undefined, source: 'default' })
  const { cache, redis: read, unknown } = store.stats()
  assert.deepEqual([cache, read], [2, 2])
  assert.ok(unknown >= 1)
})

test('after a push flips the pointer, visitors of the new generation are found', async (t) => {
  await points('flip', 'g1')
  await put('flip', 'g1', 'old', REPEAT)
  const store = await opened(t, 'flip', { cacheMs: 0 })
  assert.equal((await store.get('old')).source, 'redis')
  await put('flip', 'g2', 'new', REPEAT)
  await points('flip', 'g2', 'g1')
  // Long before the pointer's five seconds are over: a miss in both has it read again.
  await until(async () => (await store.get('new')).source === 'redis', 1_000)
  assert.equal((await store.get('old')).source, 'redis')
})

test('an id stays in its place, whatever it is made of', async (t) => {
  const ids = ['a:b', 'a', 'b', ':', 'g2:ana', '../x', '*', '?', '[a]', 'x\r\nSET stoa:ids:current 1\r\n', '\0', 'é', '😀', ' ']
  await points('ids', 'g1', 'g1:a')
  await redis.del('stoa:ids:current')
  await points('ids', 'g1')
  for (const id of ids) await put('ids', 'g1', id, JSON.stringify({ id }))
  const store = await opened(t, 'ids', { cacheMs: 0 })
  for (const id of ids) assert.deepEqual(JSON.parse((await store.get(id)).attributes), { id })
  for (const id of ['', 'x'.repeat(1_025), 'é'.repeat(600), 'a\ud800', '🎈'.repeat(1e6), 7, null, undefined, {}, ['a']]) {
    assert.equal((await store.get(id)).source, 'default')
  }
  assert.equal(await redis.get('stoa:ids:current'), '{"current":"g1"}')
})

test('rubbish in Redis is nobody’s attributes, and never an error', async (t) => {
  await points('rubbish', 'g1')
  await redis.lPush('stoa:rubbish:attr:g1:list', 'x')
  await put('rubbish', 'g1', 'huge', 'x'.repeat(70_000))
  const store = await opened(t, 'rubbish')
  assert.equal((await store.get('list')).source, 'default')
  assert.equal((await store.get('huge')).source, 'default')
  assert.equal(store.stats().unusable, 1)
  const bytes = [Buffer.from([0xff, 0xfe, 0x00]), Buffer.from('{"\xc3":1}', 'latin1')]
  for (const [i, value] of ['{"v":1,"a":{', '', '[]', '7', 'null', ...bytes].entries()) {
    await put('rubbish', 'g1', `half-${i}`, value)
    assert.deepEqual(await store.get(`half-${i}`), { attributes: undefined, source: 'default' })
    assert.equal(store.stats().unusable, 2 + i)
  }
  // What is JSON and no visitor's document goes to the engine, which says what it thinks of it.
  await put('rubbish', 'g1', 'other', '{"v":1,"a":{"orders_count":3,"country":"CA"},"s":7}')
  const { attributes, source } = await store.get('other')
  assert.equal(source, 'redis')
  assert.equal(engine.decide('free_shipping', 'other', attributes).reason, 'bad_attributes')
})

test('a document of many megabytes costs its visitor the attributes, and the others nothing for long', async (t) => {
  await points('heavy', 'g1')
  await put('heavy', 'g1', 'ana', REPEAT)
  await put('heavy', 'g1', 'monster', 'x'.repeat(20_000_000))
  const store = await opened(t, 'heavy', { timeoutMs: 50, retryMs: 100, cacheMs: 0 })
  for (let i = 0; i < 3; i += 1) assert.equal((await store.get('monster')).source, 'default')
  await until(async () => (await store.get('ana')).source === 'redis')
})

for (const [name, pointer] of Object.entries({
  nothing: undefined,
  half: '{"current": "g',
  number: '7',
  null: 'null',
  glob: '{"current": "*"}',
  colon: '{"current": "g1:attr"}',
  binary: Buffer.from([0xff, 0xff]),
})) {
  test(`a pointer that is none gives the default: ${name}`, async (t) => {
    const namespace = `pointer-${name}`
    if (pointer !== undefined) await redis.set(`stoa:${namespace}:current`, pointer)
    const store = await opened(t, namespace)
    assert.deepEqual(await store.get('ana'), { attributes: undefined, source: 'default' })
    assert.equal(store.stats().open, false)
    assert.equal(store.stats().unusable > 0, pointer !== undefined)
  })
}

test('a pointer of another type is none, and Redis goes on being asked', async (t) => {
  await redis.lPush('stoa:wrong:current', 'x')
  const store = await opened(t, 'wrong')
  for (let i = 0; i < 20; i += 1) assert.equal((await store.get(`v${i}`)).source, 'default')
  assert.equal(store.stats().open, false)
  await redis.del('stoa:wrong:current')
  await points('wrong', 'g1')
  await put('wrong', 'g1', 'ana', REPEAT)
  assert.equal((await store.get('ana')).source, 'redis')
})

for (const [name, hurt, heal] of [
  ['stopped', (s) => s.pause(), async (s) => (s.resume(), s)],
  ['killed', (s) => s.kill(), (s) => startRedis({ port: s.port })],
]) {
  test(`Redis ${name}: every visitor is answered within the budget, and is found again when it is back`, async (t) => {
    let victim = await startRedis()
    t.after(() => victim.stop())
    const fill = async () => {
      const client = await connected(victim.url)
      await client.set('stoa:shop:current', '{"current":"g1"}')
      await client.set('stoa:shop:attr:g1:ana', REPEAT)
      client.destroy()
    }
    await fill()
    const store = new AttributeStore({ url: victim.url, namespace: 'shop', cacheMs: 0 })
    t.after(() => store.close())
    await until(async () => (await store.get('ana')).source === 'redis')
    await hurt(victim)
    const slowest = { millis: 0 }
    for (let i = 0; i < 50; i += 1) {
      const start = performance.now()
      assert.equal((await store.get('ana')).source, 'default')
      slowest.millis = Math.max(slowest.millis, performance.now() - start)
    }
    assert.ok(slowest.millis < 1_000, `${slowest.millis} ms`)
    const { skipped, timeouts, errors, open } = store.stats()
    assert.ok(open && skipped >= 20 && timeouts + errors >= 5, JSON.stringify(store.stats()))
    victim = await heal(victim)
    if (name === 'killed') await fill()
    await until(async () => (await store.get('ana')).source === 'redis', 5_000)
  })
}

test('many at once are all found', async (t) => {
  await points('many', 'g1')
  for (let i = 0; i < 200; i += 1) await put('many', 'g1', `v${i}`, REPEAT)
  const store = await opened(t, 'many', { cacheMs: 0 })
  const found = await Promise.all(Array.from({ length: 200 }, (_, i) => store.get(`v${i}`)))
  assert.ok(found.every(({ source }) => source === 'redis'))
})

test('a client of the app’s own, a pool, and a cluster', async (t) => {
  const mine = await connected(server.url)
  t.after(() => mine.destroy())
  await points('mine', 'g1')
  await put('mine', 'g1', 'ana', REPEAT)
  const store = new AttributeStore({ client: mine, namespace: 'mine', timeoutMs: 500 })
  assert.equal((await store.get('ana')).source, 'redis')
  await store.close()
  assert.equal(await mine.ping(), 'PONG')

  const pool = await createClientPool({ url: server.url }).connect()
  t.after(() => pool.destroy())
  const pooled = new AttributeStore({ client: pool, namespace: 'mine', timeoutMs: 500 })
  assert.equal((await pooled.get('ana')).source, 'redis')
  await pooled.close()

  const node = await startRedis({ args: ['--cluster-enabled', 'yes'] })
  t.after(() => node.stop())
  const single = await connected(node.url)
  await single.clusterAddSlotsRange({ start: 0, end: 16_383 })
  await until(async () => (await single.clusterInfo()).includes('cluster_state:ok'))
  single.destroy()
  const cluster = createCluster({ rootNodes: [{ url: node.url }] })
  cluster.on('error', () => {})
  await cluster.connect()
  t.after(() => cluster.destroy())
  await cluster.set('stoa:c:current', '{"current":"g2","previous":"g1"}')
  await cluster.set('stoa:c:attr:g1:ana', REPEAT)
  const spread = new AttributeStore({ client: cluster, namespace: 'c', timeoutMs: 500 })
  assert.equal((await spread.get('ana')).source, 'redis')
})

/** MGETs that a server has answered. */
async function questions() {
  return Number(/cmdstat_mget:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0)
}

test('a visitor costs one question, known or not, and who asks at the same time shares it', async (t) => {
  await points('one', 'g2', 'g1')
  await put('one', 'g1', 'ana', REPEAT)
  const store = await opened(t, 'one')
  const before = await questions()
  const found = await Promise.all(Array.from({ length: 50 }, () => store.get('ana')))
  assert.ok(found.every(({ source }) => source === 'redis'))
  await store.get('ana')
  assert.equal((await questions()) - before, 1)
  for (let i = 0; i < 10; i += 1) await store.get('nobody')
  assert.equal((await questions()) - before, 2)
})

test('a generation that is gone is not read, however long nobody asked', async (t) => {
  await points('gone', 'g1')
  await put('gone', 'g1', 'ana', REPEAT)
  const store = await opened(t, 'gone', { cacheMs: 0 })
  assert.equal((await store.get('ana')).source, 'redis')
  // Two pushes later the key of the first is still there, until its time is over.
  await points('gone', 'g3', 'g2')
  assert.equal((await store.get('ana')).source, 'default')
})

test('what is kept is bounded in bytes and in time, and holds on to nothing else', async (t) => {
  await points('kept', 'g1')
  for (let i = 0; i < 40; i += 1) await put('kept', 'g1', `v${i}`, JSON.stringify({ pad: 'x'.repeat(1_000) }))
  const store = await opened(t, 'kept', { cacheBytes: 13_000, cacheMs: 300 })
  for (let i = 0; i < 40; i += 1) await store.get(`v${i}`)
  // A document of 1,010 bytes and what it takes beside it.
  const kept = []
  for (let i = 39; i >= 0; i -= 1) kept.push((await store.get(`v${i}`)).source)
  assert.equal(kept.indexOf('redis'), 10)
  const { attributes } = await store.get('v0')
  assert.equal((await store.get('v0')).attributes.buffer.byteLength, attributes.length)
  await until(async () => (await store.get('v0')).source === 'redis', 2_000)
})

test('an answer that comes too late is there for the next request', async (t) => {
  const slow = await startRedis()
  t.after(() => slow.stop())
  const client = await connected(slow.url)
  t.after(() => client.destroy())
  await client.set('stoa:late:current', '{"current":"g1"}')
  await client.set('stoa:late:attr:g1:ana', REPEAT)
  const store = new AttributeStore({ url: slow.url, namespace: 'late', timeoutMs: 20 })
  t.after(() => store.close())
  await store.ready()
  await until(async () => (await store.get('warming up'), store.stats().unknown > 0))
  slow.pause()
  assert.equal((await store.get('ana')).source, 'default')
  slow.resume()
  await until(async () => (await store.get('ana')).source === 'cache', 1_000)
})

test('a process that was busy takes what has arrived meanwhile', async (t) => {
  await points('busy', 'g1')
  await put('busy', 'g1', 'ana', REPEAT)
  const store = await opened(t, 'busy', { timeoutMs: 15, cacheMs: 0 })
  await until(async () => (await store.get('ana')).source === 'redis')
  const found = store.get('ana')
  // The question is on its way when the process blocks.
  await new Promise(setImmediate)
  for (const end = performance.now() + 200; performance.now() < end; );
  assert.equal((await found).source, 'redis')
})

test('of many that come when Redis is to be tried again, one tries it and none waits', async (t) => {
  const victim = await startRedis()
  t.after(() => victim.stop())
  const store = new AttributeStore({ url: victim.url, namespace: 'shop', timeoutMs: 200, retryMs: 100, failures: 2 })
  t.after(() => store.close())
  assert.equal(await store.ready(), true)
  victim.pause()
  await Promise.all([store.get('a'), store.get('b')])
  assert.equal(store.stats().open, true)
  await new Promise((done) => setTimeout(done, 150))
  const before = store.stats()
  const start = performance.now()
  const probe = store.get('probe')
  const others = Array.from({ length: 100 }, (_, i) => store.get(`v${i}`))
  await Promise.all(others)
  const waited = performance.now() - start
  await probe
  const { timeouts, skipped } = store.stats()
  assert.deepEqual([timeouts - before.timeouts, skipped - before.skipped], [1, 100])
  assert.ok(waited < performance.now() - start, `${waited} ms`)
})

test('a connection that has gone silent is made anew', async (t) => {
  await points('silent', 'g1')
  await put('silent', 'g1', 'ana', REPEAT)
  // Between the store and Redis; what was connected before the cut carries nothing any more, and is not closed.
  const sockets = new Set()
  const between = createServer((socket) => {
    const onward = connect(server.port, '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    for (const end of [socket, onward]) sockets.add(end.on('error', () => {}))
  }).listen(0, '127.0.0.1')
  await once(between, 'listening')
  t.after(() => (between.close(), sockets.forEach((socket) => socket.destroy())))
  const url = `redis://127.0.0.1:${between.address().port}`
  const store = new AttributeStore({ url, namespace: 'silent', cacheMs: 0, failures: 2, retryMs: 200 })
  t.after(() => store.close())
  await until(async () => (await store.get('ana')).source === 'redis')
  sockets.forEach((socket) => (socket.unpipe(), socket.pause()))
  await until(async () => (await store.get('ana')).source === 'default')
  await until(async () => (await store.get('ana')).source === 'redis', 5_000)
})

test('a client that cannot connect, or is not even told to, costs nothing and ends nothing', async (t) => {
  const lost = createClient({ url: 'redis://127.0.0.1:1' })
  const told = []
  const store = new AttributeStore({ client: lost, namespace: 'lost', onError: (error) => told.push(error) })
  const start = performance.now()
  assert.equal((await store.get('ana')).source, 'default')
  assert.ok(performance.now() - start < 1_000)
  // Its error events would end the process if nobody listened.
  lost.connect().catch(() => {})
  await until(() => told.some((error) => String(error).includes('ECONNREFUSED')))
  lost.destroy()
  await store.close()
  assert.equal(store.stats().errors, 1)
})

test('a hook that throws is nobody’s business', async (t) => {
  const onError = () => {
    throw new Error('mine')
  }
  const store = new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'n', onError })
  t.after(() => store.close())
  for (let i = 0; i < 20; i += 1) assert.equal((await store.get('ana')).source, 'default')
})

test('a client of the version before reads the same', async (t) => {
  await points('five', 'g1')
  await put('five', 'g1', 'ana', REPEAT)
  const five = require('redis-5').createClient({ url: server.url })
  await five.connect()
  t.after(() => five.destroy())
  const store = new AttributeStore({ client: five, namespace: 'five', timeoutMs: 500 })
  assert.equal((await store.get('ana')).attributes.toString(), REPEAT)
  await store.close()
})

test('options that cannot be are refused by name', () => {
  const refused = (options) => {
    try {
      new AttributeStore({ url: 'redis://127.0.0.1:1', namespace: 'n', ...options }).close()
    } catch (error) {
      assert.ok(error instanceof StoaError)
      return `${error.code} ${error.field}`
    }
    return 'accepted'
  }
  for (const namespace of ['', 'a:b', 'a b', 'x'.repeat(65), undefined, 7]) {
    assert.equal(refused({ namespace }), 'out_of_range namespace')
  }
  assert.equal(refused({ timeoutMs: 0 }), 'out_of_range timeoutMs')
  assert.equal(refused({ cacheMs: 1.5 }), 'out_of_range cacheMs')
  assert.equal(refused({ url: undefined }), 'missing_field url')
  assert.equal(refused({ url: 'http://127.0.0.1' }), 'out_of_range url')
  assert.equal(refused({ url: 'password' }), 'out_of_range url')
})
