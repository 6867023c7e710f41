// Visits as a React Router server makes them: its own RouterContextProvider, real Requests and Responses, the real engine.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'

import * as router from '../../stoa-node/lib/react-router.mjs'
import { Engine, StoaError } from '../../stoa-node/lib/index.mjs'
import { bundle, experiment, segments } from './bundle.mjs'

const { qaLink, stoaLoader, stoaMiddleware, visitorId } = router
const require = createRequire(new URL('../../stoa-node/package.json', import.meta.url))
const { RouterContextProvider } = require('react-router')

const secret = 'a secret of the tests, 32 characters'
const sticky = { ...experiment, key: 'sticky_shipping', sticky: true }
const { targeting, ...everyone } = experiment
const untargeted = { ...everyone, key: 'promise', surface: 'product_page' }
const engine = Engine.fromJSON({ ...bundle, experiments: [experiment, sticky, untargeted], segments })
const member = { orders_count: 3, country: 'CA' }
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

/** A shop of one page, whose loader is `page(visit)`. */
function shop(options = {}) {
  const exposed = []
  const reads = []
  const attributes = (id) => {
    reads.push(id)
    return member
  }
  const exposures = { add: (exposure) => exposed.push(exposure) }
  const stoa = stoaMiddleware({ engine, attributes, exposures, secret, ...options })
  async function get(page, { url = 'https://shop.example/', cookie, headers = {}, drain = true, body, method } = {}) {
    const request = new Request(url, { method, headers: { 'user-agent': BROWSER, ...(cookie ? { cookie } : {}), ...headers } })
    const context = new RouterContextProvider()
    const next = async () => {
      const shown = page === undefined ? undefined : await page(await stoaLoader(context), context)
      return new Response(body ?? JSON.stringify(shown ?? null), { headers: { 'cache-control': 'public, max-age=600' } })
    }
    const response = await stoa({ request, context, params: {} }, next)
    if (!drain) return response
    const text = await response.text()
    await setImmediate()
    return { response, shown: text, cookies: jar(response) }
  }
  return { get, exposed, reads, stoa }
}

/** The cookies that a response sets, as a browser would send them. */
function jar(response) {
  return Object.fromEntries(response.headers.getSetCookie().map((line) => line.split(';')[0].split(/=(.*)/s)))
}

const header = (cookies) => Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')

test('the visitor cookie is a random UUID, HttpOnly, Lax, Secure by https alone, for 400 days', () => {
  const { id, isNew, setCookie } = visitorId(new Request('https://shop.example/'))
  assert.match(id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  assert.equal(isNew, true)
  assert.equal(setCookie, `stoa_visitor=${id}; Max-Age=34560000; Path=/; HttpOnly; Secure; SameSite=Lax`)
  assert.ok(!visitorId(new Request('http://shop.example/')).setCookie.includes('Secure'))
  const proxied = new Request('http://shop.example/', { headers: { 'x-forwarded-proto': 'https, http' } })
  assert.ok(visitorId(proxied).setCookie.includes('Secure'))
})

test('a cookie that is no id is no id', () => {
  const rubbish = ['stoa_visitor=', 'stoa_visitor=%00', 'stoa_visitor=a b', `stoa_visitor=${'a'.repeat(129)}`, '=;;=,\x7f']
  for (const cookie of rubbish) {
    assert.equal(visitorId(new Request('https://shop.example/', { headers: { cookie } })).isNew, true, cookie)
  }
})

test('a page that asks nothing is left as it is', async () => {
  const { get, reads, stoa } = shop()
  const { response } = await get()
  assert.deepEqual([response.headers.get('cache-control'), response.headers.get('vary')], ['public, max-age=600', null])
  assert.deepEqual([response.headers.getSetCookie(), reads, stoa.stats().visits], [[], [], 0])
})

test('a page that asks is private, and reads attributes once however often it asks', async () => {
  const { get, reads } = shop()
  const { response, cookies } = await get(async (visit, context) => {
    const again = await stoaLoader(context)
    return [visit.decide('free_shipping'), again.variant('promise'), visit.peek('free_shipping')]
  })
  assert.deepEqual([response.headers.get('cache-control'), response.headers.get('vary')], ['private, no-cache', 'Cookie'])
  assert.deepEqual(reads, [cookies.stoa_visitor])
})

test('the same visitor gets the same decision again, the one the engine makes', async () => {
  const { get } = shop()
  const first = await get((visit) => visit.variant('promise'))
  const again = await get((visit) => visit.variant('promise'), { cookie: header(first.cookies) })
  assert.equal(first.shown, again.shown)
  assert.equal(first.shown, JSON.stringify(engine.decide('promise', first.cookies.stoa_visitor, member).variant))
})

test('exposures follow the response, of what was decided, once each, and not of what was peeked at', async () => {
  const { get, exposed } = shop()
  const page = (visit) => [visit.decide('promise'), visit.variant('promise'), visit.peek('free_shipping')]
  const response = await get(page, { drain: false, cookie: 'stoa_visitor=visitor-1' })
  await setImmediate()
  assert.deepEqual(exposed, [])
  await response.text()
  await setImmediate()
  assert.equal(exposed.length, 1)
  const { time, ...row } = exposed[0]
  const { variant, version } = engine.decide('promise', 'visitor-1', member)
  assert.deepEqual(row, { experiment: 'promise', variant, unit: 'visitor-1', source: 'request', version, reason: 'assigned' })
  assert.ok(Math.abs(Date.now() - new Date(time).getTime()) < 5000)
})

test('a visitor who stops reading, and a page that breaks while it streams, have been exposed', async () => {
  const { get, exposed } = shop()
  const left = await get((visit) => visit.decide('promise'), { drain: false })
  await left.body.cancel()
  let pulls = 0
  const body = () =>
    new ReadableStream({
      pull: (controller) => (pulls++ ? controller.error(new Error('broken')) : controller.enqueue(new Uint8Array(1))),
    })
  const broken = await get((visit) => visit.decide('promise'), { drain: false, body: body() })
  await assert.rejects(broken.text(), /broken/)
  await setImmediate()
  assert.equal(exposed.length, 2)
})

test('a visit that begins when the headers are gone is answered, and neither exposed nor given a cookie', async () => {
  const { exposed, stoa } = shop()
  const context = new RouterContextProvider()
  const request = new Request('https://shop.example/', { headers: { 'user-agent': BROWSER } })
  const response = await stoa({ request, context, params: {} }, async () => new Response('early'))
  assert.match((await stoaLoader(context)).variant('promise'), /^[AB]$/)
  await response.text()
  await setImmediate()
  assert.deepEqual([exposed, response.headers.getSetCookie(), stoa.stats().withheld.lost], [[], [], 1])
})

test('a sink that throws costs nobody the page', async () => {
  const add = () => {
    throw new Error('no room')
  }
  const { get, stoa } = shop({ exposures: { add } })
  await get((visit) => visit.decide('promise'))
  assert.deepEqual([stoa.stats().exposures, stoa.stats().refused.exposures], [0, 1])
})

test('cookies of a shop of many hosts are shared by all of them', async () => {
  const { get } = shop({ cookie: { domain: 'shop.example' } })
  const { response } = await get((visit) => visit.decide('sticky_shipping'))
  const lines = response.headers.getSetCookie()
  assert.deepEqual([lines.length, lines.filter((line) => line.includes('Domain=shop.example')).length], [2, 2])
})

test('what is not targeted exposes nothing', async () => {
  const { get, exposed } = shop({ attributes: () => ({ orders_count: 0 }) })
  await get((visit) => visit.decide('free_shipping'))
  assert.deepEqual(exposed, [])
})

test('programs and prefetches are answered and not exposed; a prefetched page is not kept', async () => {
  const { get, exposed, stoa } = shop()
  const page = (visit) => visit.variant('promise')
  for (const agent of ['Googlebot/2.1 (+http://www.google.com/bot.html)', 'curl/8.5.0', '']) {
    assert.match((await get(page, { headers: { 'user-agent': agent } })).shown, /"[AB]"/)
  }
  const prefetches = [{ 'sec-purpose': 'prefetch;prerender' }, { purpose: 'Prefetch' }, { 'x-moz': 'prefetch' }]
  for (const headers of prefetches) {
    assert.equal((await get(page, { headers })).response.headers.get('cache-control'), 'no-store')
  }
  await get(page, { method: 'HEAD' })
  assert.deepEqual(exposed, [])
  assert.deepEqual(stoa.stats().withheld, { bot: 3, prefetch: 4, qa: 0, lost: 0 })
})

test('a signed link shows its variant in that browser, until it is ended, and never exposes', async () => {
  const { get, exposed, stoa } = shop({ attributes: () => ({}) })
  const page = (visit) => [visit.decide('free_shipping'), visit.variant('promise'), visit.qa]
  const url = await qaLink('https://shop.example/cart?a=1', { free_shipping: 'B', promise: 'nothing' }, { secret })
  const linked = await get(page, { url })
  const [decision, , qa] = JSON.parse(linked.shown)
  const { variant, payload, reason, exposes } = decision
  assert.deepEqual([variant, payload, reason, exposes, qa], ['B', { threshold: 50 }, 'forced', 'none', true])
  const later = await get(page, { cookie: header(linked.cookies) })
  assert.equal(JSON.parse(later.shown)[0].reason, 'forced')
  const ended = await get(page, { url: 'https://shop.example/?stoa=off', cookie: header(linked.cookies) })
  assert.equal(JSON.parse(ended.shown)[0].reason, 'not_targeted')
  assert.equal(ended.cookies.stoa_qa, '')
  assert.deepEqual(stoa.stats().refused, { ...stoa.stats().refused, qa_tampered: 0, qa_expired: 0 })
  assert.deepEqual(exposed.map(({ experiment }) => experiment), ['promise'], 'after the end alone')
})

test('a link that is altered, of another secret or over is not taken, and counted', async () => {
  const { get, stoa } = shop()
  const page = (visit) => [visit.peek('free_shipping').reason, visit.qa]
  const link = new URL(await qaLink('https://shop.example/', { free_shipping: 'B' }, { secret }))
  const token = link.searchParams.get('stoa')
  const other = await qaLink('https://shop.example/', { free_shipping: 'B' }, { secret: 'another secret, 32 characters long' })
  const over = await qaLink('https://shop.example/', { free_shipping: 'B' }, { secret, until: new Date(Date.now() - 1000) })
  const altered = [token.slice(1), `${token}A`, token.replace('.', ''), 'x', '%', '😀', 'a'.repeat(100_000), '{}.', '..']
  const urls = [...altered.map((text) => `https://shop.example/?stoa=${encodeURIComponent(text)}`), other, over]
  for (const url of urls) assert.equal((await get(page, { url })).shown, '["assigned",false]', url.slice(0, 80))
  const { qa_tampered, qa_expired } = stoa.stats().refused
  assert.deepEqual([qa_tampered, qa_expired], [urls.length - 1, 1])
})

test('no shared cache is told to keep a page, whichever way it is told', () => {
  const told = ['CDN-Cache-Control', 'Netlify-CDN-Cache-Control', 'Akamai-Cache-Control', 'Surrogate-Control', 'X-Accel-Expires']
  const headers = new Headers(told.map((name) => [name, 'public, s-maxage=600']))
  headers.set('cache-control', 'private="set-cookie", max-age=600')
  router.keepPrivate(headers)
  assert.deepEqual(Object.fromEntries(headers), { 'cache-control': 'private, no-cache', vary: 'Cookie' })
})

test('without a key of 32 characters nothing is served and no link is made', async () => {
  for (const none of [[], '', 'x'.repeat(31), undefined, {}, [secret, 'short'], ['x'.repeat(32), 7]]) {
    const named = (error) => error instanceof StoaError && error.field === 'secret'
    assert.throws(() => shop({ secret: none }), named)
    await assert.rejects(qaLink('https://shop.example/', {}, { secret: none }), named)
  }
})

test('an override outlives an altered link, and its cookie ends with it', async () => {
  const { get } = shop()
  const url = await qaLink('https://shop.example/', { free_shipping: 'B' }, { secret, until: new Date(Date.now() + 60_500) })
  const { response, cookies } = await get(() => 1, { url })
  const set = response.headers.getSetCookie().find((line) => line.startsWith('stoa_qa='))
  assert.match(set, /Max-Age=6[01]; .*HttpOnly; Secure; SameSite=Lax/)
  const page = (visit) => visit.decide('free_shipping').reason
  assert.equal((await get(page, { url: 'https://shop.example/?stoa=rubbish', cookie: header(cookies) })).shown, '"forced"')
})

test('a sticky visitor keeps the variant when attributes change or are away, and is exposed by it', async () => {
  const { get, exposed } = shop()
  const page = (visit) => visit.decide('sticky_shipping')
  const first = await get(page)
  const cookie = header(first.cookies)
  const lost = [() => ({ orders_count: 0 }), () => undefined, () => '{"rubb', () => Promise.reject(new Error('away'))]
  for (const attributes of lost) {
    const away = shop({ attributes })
    const again = JSON.parse((await away.get(page, { cookie })).shown)
    assert.equal(again.reason, 'assigned')
    assert.equal(again.variant, JSON.parse(first.shown).variant)
    assert.equal(away.exposed.length, 1)
  }
  assert.equal(exposed.length, 1)
})

test('the sticky cookie is set when it says something new, not on every page', async () => {
  const { get } = shop()
  const page = (visit) => visit.decide('sticky_shipping')
  const first = await get(page)
  assert.ok(first.cookies.stoa_sticky)
  const again = await get(page, { cookie: header(first.cookies) })
  assert.deepEqual(Object.keys(again.cookies), ['stoa_visitor'])
  const peeked = await get((visit) => visit.peek('sticky_shipping'))
  assert.deepEqual(Object.keys(peeked.cookies), ['stoa_visitor'])
})

test('a sticky cookie that is altered or of another visitor is not taken, counted, and ended', async () => {
  const page = (visit) => visit.peek('sticky_shipping').reason
  const { cookies } = await shop().get((visit) => visit.decide('sticky_shipping'))
  const { get, stoa } = shop({ attributes: () => ({}) })
  const rubbish = [`${cookies.stoa_sticky}x`, cookies.stoa_sticky.slice(3), 'rubbish', '%ff', 'a'.repeat(100_000)]
  for (const text of rubbish) {
    const { shown, cookies: set } = await get(page, { cookie: `stoa_visitor=${cookies.stoa_visitor}; stoa_sticky=${text}` })
    assert.equal(shown, '"not_targeted"')
    assert.equal(set.stoa_sticky, '')
  }
  const foreign = await get(page, { cookie: `stoa_visitor=somebody-else; stoa_sticky=${cookies.stoa_sticky}` })
  assert.equal(foreign.shown, '"not_targeted"')
  const { sticky_tampered, sticky_foreign } = stoa.stats().refused
  assert.deepEqual([sticky_tampered, sticky_foreign], [rubbish.length, 1])
})

test('a QA cookie is no sticky cookie, though one secret signs both', async () => {
  const { get, stoa } = shop()
  const { cookies } = await get((visit) => visit.decide('sticky_shipping'))
  await get((visit) => visit.qa, { cookie: `stoa_visitor=${cookies.stoa_visitor}; stoa_qa=${cookies.stoa_sticky}` })
  assert.equal(stoa.stats().refused.qa_tampered, 1)
})

test('a new secret signs, the one before still opens', async () => {
  const url = await qaLink('https://shop.example/', { free_shipping: 'B' }, { secret })
  const { get } = shop({ secret: ['a newer secret, of 32 characters too', secret] })
  assert.equal((await get((visit) => visit.decide('free_shipping').reason, { url })).shown, '"forced"')
})

test('no cookie a visitor sends makes a page fail', async () => {
  const { get } = shop()
  let seed = 7
  const random = (n) => (seed = (seed * 48_271) % 2_147_483_647) % n
  const names = ['stoa_visitor', 'stoa_sticky', 'stoa_qa', '__proto__', 'constructor', '']
  for (let i = 0; i < 500; i++) {
    const text = Array.from({ length: random(200) }, () => String.fromCharCode(32 + random(224))).join('')
    const cookie = Array.from({ length: 4 }, () => `${names[random(names.length)]}=${text.slice(random(200))}`).join('; ')
    assert.match((await get((visit) => visit.variant('promise'), { cookie })).shown, /^"[AB]"$/)
  }
  const large = `stoa_visitor=${'é;='.repeat(33_000)}`
  assert.match((await get((visit) => visit.variant('promise'), { cookie: large })).shown, /^"[AB]"$/)
})

test('a request keeps the engine it began with', async () => {
  const before = Engine.fromJSON({ ...bundle, experiments: [untargeted] })
  let current = before
  const { get } = shop({ engine: () => current })
  const { shown } = await get((visit) => {
    current = engine
    return visit.decide('promise').version
  })
  assert.equal(shown, JSON.stringify(before.version))
})

test('a secret of less than 32 characters and a loader without its middleware are refused', () => {
  assert.throws(() => stoaMiddleware({ engine, secret: 'short' }), { code: 'out_of_range', field: 'secret' })
  assert.throws(() => stoaMiddleware({ engine }), { code: 'out_of_range', field: 'secret' })
  assert.throws(() => stoaLoader(new RouterContextProvider()), { code: 'missing_field', field: 'context' })
})
