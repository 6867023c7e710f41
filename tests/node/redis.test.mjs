// Attributes from a real Redis: found, not found, slow, gone, full of rubbish.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { Engine, StoaError } from '../../stoa-node/lib/index.mjs'
import { AttributeStore } from '../../stoa-node/lib/redis.mjs'
import { bundle } from './bundle.mjs'
import { connected, createCluster, startRedis, until } from './redis-server.mjs'

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
  for (const id of ['', 'x'.repeat(1_025), 'é'.repeat(600), '🎈'.repeat(1e6), 7, null, undefined, {}, ['a']]) {
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
  // What is of a visitor's size goes to the engine as it is, which says what it thinks of it.
  for (const [id, value] of [['half', '{"v":1,"a":{'], ['bytes', Buffer.from([0xff, 0xfe, 0x00])], ['empty', '']]) {
    await put('rubbish', 'g1', id, value)
    const { attributes, source } = await store.get(id)
    assert.equal(source, 'redis')
    assert.equal(engine.decide('free_shipping', id, attributes).reason, 'bad_attributes')
  }
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

test('a pointer of another type is an error of Redis, which goes on being asked', async (t) => {
  await redis.lPush('stoa:wrong:current', 'x')
  const told = []
  const store = new AttributeStore({ url: server.url, namespace: 'wrong', timeoutMs: 500, onError: (e) => told.push(e) })
  t.after(() => store.close())
  await until(async () => {
    await store.get('ana')
    return told.some((error) => String(error).includes('WRONGTYPE'))
  })
  for (let i = 0; i < 20; i += 1) assert.equal((await store.get(`v${i}`)).source, 'default')
  assert.equal(store.stats().open, false)
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

test('many at once wait for one pointer and one that tries again', async (t) => {
  await points('many', 'g1')
  for (let i = 0; i < 200; i += 1) await put('many', 'g1', `v${i}`, REPEAT)
  const store = await opened(t, 'many', { cacheMs: 0 })
  const found = await Promise.all(Array.from({ length: 200 }, (_, i) => store.get(`v${i}`)))
  assert.ok(found.every(({ source }) => source === 'redis'))
})

test('a client of the app’s own, and a cluster', async (t) => {
  const mine = await connected(server.url)
  t.after(() => mine.destroy())
  await points('mine', 'g1')
  await put('mine', 'g1', 'ana', REPEAT)
  const store = new AttributeStore({ client: mine, namespace: 'mine', timeoutMs: 500 })
  assert.equal((await store.get('ana')).source, 'redis')
  await store.close()
  assert.equal(await mine.ping(), 'PONG')

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
})
