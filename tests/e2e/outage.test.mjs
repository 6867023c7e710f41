// Redis stopped, killed and full of rubbish, under the built shop: pages render, a sticky visitor keeps the variant,
// and Redis is used again when it is back.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'

import { attributes, seed } from '../../examples/storefront/scripts/seed.mjs'
import { fetchPage, open, until } from './shop.mjs'

const require = createRequire(new URL('../../examples/storefront/package.json', import.meta.url))
const { createClient } = require('redis')
const { Engine } = require('stoa-node')

const engine = Engine.fromJSON(readFileSync(new URL('../../examples/storefront/build/bundle.json', import.meta.url)))
const VISITORS = 2000
/** Visitors whom the treatment is given while Redis answers, and the control while nothing is known of them. */
const treated = Array.from({ length: VISITORS }, (_, i) => i + 1)
  .filter((n) => engine.decide('free_shipping', `visitor-${n}`, attributes(n)).variant === 'from_50')
  .map((n) => `visitor-${n}`)
const PATHS = ['/', '/products/mug', '/cart', '/about']
/** Milliseconds that no page takes unless it waits for Redis beyond its 15, however busy the machine. */
const HANGS = 5000

let shop
before(async () => {
  shop = await open({ visitors: VISITORS })
})
after(() => shop?.close())

const cart = (cookies) => fetchPage(`${shop.url}/cart`, { cookies })

/** A visitor who has seen the treatment, and so carries a sticky cookie. */
async function sticky() {
  let cookies
  await until('a visitor who is shown the treatment', async () => {
    const stoa_visitor = treated.shift()
    const { decisions, set } = await cart({ stoa_visitor })
    cookies = { stoa_visitor, stoa_sticky: set.stoa_sticky }
    return decisions.free_shipping.variant === 'from_50'
  })
  assert.ok(cookies.stoa_sticky)
  return cookies
}

/** Every page renders; who is new gets the control, who is sticky keeps the treatment. */
async function works(known) {
  for (const path of PATHS) {
    const { status, ms } = await fetchPage(shop.url + path)
    assert.equal(status, 200, path)
    assert.ok(ms < HANGS, `${path} took ${ms} ms`)
  }
  const stranger = await cart({ stoa_visitor: treated.shift() })
  assert.equal(stranger.decisions.free_shipping.variant, 'from_75')
  assert.equal(stranger.source, 'default')
  const kept = await cart(known)
  assert.deepEqual(kept.decisions.free_shipping, { variant: 'from_50', reason: 'assigned' })
}

/** Redis is used again, within five seconds, for visitors that nobody remembers. */
function recovers() {
  return until('attributes from Redis', async () => {
    const { source, decisions } = await cart({ stoa_visitor: treated.shift() ?? assert.fail('no visitor left') })
    return source === 'redis' && decisions.free_shipping.variant === 'from_50'
  })
}

test('Redis stopped: it accepts, and answers nothing', async () => {
  const known = await sticky()
  shop.redis().child.kill('SIGSTOP')
  await works(known)
  shop.redis().child.kill('SIGCONT')
  await recovers()
})

test('Redis killed, and started again', async () => {
  const known = await sticky()
  await shop.redis().stop('SIGKILL')
  await works(known)
  await shop.restartRedis()
  await recovers()
})

test('Redis full of rubbish', async () => {
  const known = await sticky()
  const client = createClient({ url: shop.redis().url })
  await client.connect()
  const rubbish = ['{"v":1,"a":{"orders_count":', '[]', '\u0000\uffff', '{"v":9}', 'x'.repeat(1_000_000)]
  const values = await client.keys('stoa:shop:attr:*')
  for (const [i, key] of values.entries()) {
    await client.del(key)
    if (i % 6 === 5) await client.hSet(key, 'not', 'text')
    else await client.set(key, i % 6 === 4 ? Buffer.from([0xff, 0xfe, 0x7b]) : rubbish[i % 5])
  }
  for (const path of PATHS) assert.equal((await fetchPage(shop.url + path)).status, 200)
  for (const stoa_visitor of treated.slice(0, 12)) {
    const { status, decisions } = await cart({ stoa_visitor })
    assert.deepEqual([status, decisions.free_shipping.variant], [200, 'from_75'])
  }
  assert.deepEqual((await cart(known)).decisions.free_shipping, { variant: 'from_50', reason: 'assigned' })
  await client.set('stoa:shop:current', 'rubbish')
  assert.equal((await cart(known)).decisions.free_shipping.variant, 'from_50')
  treated.splice(0, 12)
  await client.close()
  await seed(shop.redis().url, VISITORS)
  await recovers()
})
