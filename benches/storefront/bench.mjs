// The built shop under load, in two parts; see docs/STOREFRONT.md for what the figures mean.
//
// usage: node benches/storefront/bench.mjs [--minutes N] [--outage-only] [--rate N]
//   outage  200 requests/s for 60 s, while Redis is stopped (15 s to 28 s) and killed (35 s to 48 s)
//   mixed   N minutes (10) of pages, carts, programs, prefetches and rubbish cookies at 100 requests/s
// Prints both tables and writes target/bench/storefront.json.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { freePort, startRedis, startShop } from '../../examples/storefront/scripts/processes.mjs'
import { seed } from '../../examples/storefront/scripts/seed.mjs'
import { load, quantile } from './load.mjs'

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'outage-only': { type: 'boolean' },
    rate: { type: 'string', default: '200' },
  },
})
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const RATE = Number(options.rate)
const VISITORS = 20_000
const PAGES = ['/products/mug', '/cart', '/products/lamp', '/products/vase']
/** Seconds: Redis stopped, going on, killed, started again, the end. */
const [STOPPED, WOKEN, KILLED, BACK, END] = [15, 28, 35, 48, 60]

const data = mkdtempSync(join(tmpdir(), 'stoa-bench-'))
const redisPort = await freePort()
let redis = await startRedis(redisPort)
await seed(redis.url, VISITORS)
const probe = fileURLToPath(new URL('probe.mjs', import.meta.url))
const stdio = ['ignore', 'ignore', 'inherit', 'ipc']
const shop = await startShop({ redis: redis.url, data, port: await freePort(), probe, stdio })
const readings = []
shop.child.on('message', (reading) => readings.push({ at: performance.now(), ...reading }))

/** Every visitor is another one, so that no answer comes from the store's short memory. */
const visitor = (i) => ({ 'user-agent': AGENT, cookie: `stoa_visitor=visitor-${1 + (i % VISITORS)}` })
const page = (i) => ({ path: PAGES[i % PAGES.length], headers: visitor(i) })
const source = (text) => ({ source: /attributes came from <code>([a-z]+)/.exec(text)?.[1] })

async function outage() {
  await load(shop.url, RATE, 10, page)
  const start = performance.now()
  const at = (second) => sleep(start + 1000 * second - performance.now())
  const returned = {}
  const faults = (async () => {
    await at(STOPPED)
    redis.child.kill('SIGSTOP')
    await at(WOKEN)
    redis.child.kill('SIGCONT')
    returned.stopped = performance.now()
    await at(KILLED)
    await redis.stop('SIGKILL')
    await at(BACK)
    redis = await startRedis(redisPort)
    await seed(redis.url, VISITORS)
    returned.killed = performance.now()
  })()
  const [answers] = await Promise.all([load(shop.url, RATE, END, (i) => page(i + 10 * RATE), source), faults])
  const within = (from, to) => answers.filter((answer) => answer.at >= start + 1000 * from && answer.at < start + 1000 * to)
  const of = (q, from, to) => quantile(within(from, to).map(({ ms }) => ms), q)
  /** The middle one of the seconds' p99: what one stall of the machine, which hits every request of a second, leaves as it is. */
  const middle = (from, to) => quantile(Array.from({ length: to - from }, (_, i) => of(0.99, from + i, from + i + 1)), 0.5)
  const spans = { usual: [0, STOPPED], stopped: [STOPPED, WOKEN], killed: [KILLED, BACK], back: [WOKEN, KILLED] }
  const figures = (span) => ({ p50: of(0.5, ...span), p99: of(0.99, ...span), p99_of_middle_second: middle(...span) })
  const latency = Object.fromEntries(Object.entries(spans).map(([name, span]) => [name, figures(span)]))
  /** Seconds from Redis' return to the first half second in which 95 of 100 answers have its attributes again. */
  const recovery = (since, to) => {
    const after = answers.filter((answer) => answer.at >= since && answer.at < to)
    const span = RATE / 2
    const found = after.findIndex((_, i) => {
      const next = after.slice(i, i + span)
      return next.length === span && next.filter((answer) => answer.source === 'redis').length >= 0.95 * span
    })
    return found < 0 ? null : (after[found].at - since) / 1000
  }
  return {
    requests: answers.length,
    rate: RATE,
    failed: answers.filter(({ status }) => status !== 200).length,
    latency,
    added_p99: { stopped: latency.stopped.p99 - latency.usual.p99, killed: latency.killed.p99 - latency.usual.p99 },
    added_p99_of_middle_second: {
      stopped: latency.stopped.p99_of_middle_second - latency.usual.p99_of_middle_second,
      killed: latency.killed.p99_of_middle_second - latency.usual.p99_of_middle_second,
    },
    without_attributes_as_usual: within(...spans.usual).filter((answer) => answer.source !== 'redis').length,
    recovery_seconds: {
      stopped: recovery(returned.stopped, start + 1000 * KILLED),
      killed: recovery(returned.killed, start + 1000 * END),
    },
  }
}

const RUBBISH = `stoa_visitor=%ff; stoa_sticky=${'a'.repeat(4000)}; stoa_qa=x.y; cart=rubbish; =;;`
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
function mixed(i) {
  const headers = visitor(i * 7)
  if (i % 10 === 9) return { path: '/products/bowl?stoa=rubbish', headers: { ...headers, cookie: RUBBISH } }
  if (i % 10 === 8) return { path: '/cart', headers: { ...headers, 'user-agent': 'Googlebot/2.1' } }
  if (i % 10 === 7) return { path: '/products/mug.data', headers: { ...headers, 'sec-purpose': 'prefetch' } }
  if (i % 10 === 6) return { path: '/products/mug', method: 'POST', headers: { ...headers, ...FORM }, body: 'a=1' }
  if (i % 10 === 5) return { path: '/', headers: { 'user-agent': AGENT } }
  return { path: PAGES[i % PAGES.length], headers: i % 10 === 4 ? { 'user-agent': AGENT } : headers }
}

/** Growth of `y` a unit of `x`, by least squares. */
function slope(points) {
  const mean = (xs) => xs.reduce((sum, x) => sum + x, 0) / xs.length
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  return mean(points.map(([x, y]) => (x - mx) * (y - my))) / mean(points.map(([x]) => (x - mx) ** 2))
}

async function longRun(minutes, rate) {
  // What a process remembers of visitors is bounded: it is full before the memory is watched.
  const warm = 24 * minutes
  await load(shop.url, RATE, warm, (i) => page(i + Math.floor(i / VISITORS)))
  const start = performance.now()
  shop.child.send('reset')
  const answers = await load(shop.url, rate, minutes * 60, mixed)
  const kept = readings.filter(({ at }) => at >= start)
  const mb = kept.map(({ at, rss }) => [(at - start) / 60_000, rss / 2 ** 20])
  const last = kept.at(-1)
  return {
    minutes,
    rate,
    warm_up_seconds: warm,
    requests: answers.length,
    failed: answers.filter(({ status }) => status === 0 || status >= 400).length,
    p50: quantile(answers.map(({ ms }) => ms), 0.5),
    p99: quantile(answers.map(({ ms }) => ms), 0.99),
    resident_mb: {
      each_minute: Array.from({ length: Math.ceil(minutes) }, (_, i) => mb.find(([at]) => at >= i)?.[1]),
      last: mb.at(-1)[1],
      slope_a_minute: slope(mb),
    },
    event_loop_delay_ms: { p99: last.p99, max: last.max },
  }
}

function table(title, rows) {
  console.log(`\n${title}`)
  for (const [name, value, bar = ''] of rows) console.log(`  ${name.padEnd(44)}${value.padStart(12)}   ${bar}`)
}
const ms = (x) => `${x.toFixed(1)} ms`
const seconds = (x) => (x === null ? 'never' : `${x.toFixed(2)} s`)

const before = loadavg()[0]
const result = { load_average_before: before, outage: await outage() }
const { outage: out } = result
table(`Redis away: ${out.rate} requests/s for ${END} s, every visitor another one`, [
  ['failed pages', String(out.failed), 'bar: 0'],
  ['p50, p99 as usual', `${ms(out.latency.usual.p50)}, ${ms(out.latency.usual.p99)}`],
  ['p50, p99 while Redis is stopped', `${ms(out.latency.stopped.p50)}, ${ms(out.latency.stopped.p99)}`],
  ['p50, p99 while Redis is killed', `${ms(out.latency.killed.p50)}, ${ms(out.latency.killed.p99)}`],
  ['added p99, stopped', ms(out.added_p99.stopped), 'bar: 25 ms'],
  ['added p99, killed', ms(out.added_p99.killed), 'bar: 25 ms'],
  ['the same of the middle second, stopped', ms(out.added_p99_of_middle_second.stopped)],
  ['the same of the middle second, killed', ms(out.added_p99_of_middle_second.killed)],
  ['recovery after it goes on', seconds(out.recovery_seconds.stopped), 'bar: 5 s'],
  ['recovery after it is started again', seconds(out.recovery_seconds.killed), 'bar: 5 s'],
])
if (!options['outage-only']) {
  result.mixed = await longRun(Number(options.minutes), RATE / 2)
  const { mixed: run } = result
  table(`Mixed load: ${run.rate} requests/s for ${run.minutes} minutes, after ${run.warm_up_seconds} s of warming up`, [
    ['failed pages', String(run.failed), 'bar: 0'],
    ['p50, p99', `${ms(run.p50)}, ${ms(run.p99)}`],
    ['resident memory each minute', run.resident_mb.each_minute.map((mb) => mb.toFixed(0)).join(' ')],
    ['resident memory, slope', `${run.resident_mb.slope_a_minute.toFixed(3)} MB/min`, 'flat'],
    ['event-loop delay, p99', ms(run.event_loop_delay_ms.p99), 'bar: 10 ms'],
  ])
}
result.load_average_after = loadavg()[0]
mkdirSync('target/bench', { recursive: true })
writeFileSync('target/bench/storefront.json', `${JSON.stringify(result, null, 2)}\n`)
console.log(`\nload average of the machine ${before.toFixed(1)} before, ${result.load_average_after.toFixed(1)} after`)
await shop.stop()
await redis.stop()
rmSync(data, { recursive: true })
