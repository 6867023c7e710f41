// What the browser tests share: the built shop beside a real Redis, a real Chromium, and what the shop wrote.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { freePort, startRedis, startShop } from '../../examples/storefront/scripts/processes.mjs'
import { seed } from '../../examples/storefront/scripts/seed.mjs'

const require = createRequire(new URL('../../examples/storefront/package.json', import.meta.url))
const { chromium } = require('playwright-core')

export const SECRET = 'the secret of the browser tests, not short'
export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

/** The browser's program, by one of the names it has. */
function chromiumPath() {
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const found = execFileSync('bash', ['-c', `command -v ${names.join(' ')} || true`], { encoding: 'utf8' })
  const [path] = found.split('\n')
  assert.ok(path, `no browser: one of ${names.join(', ')} must be on the PATH (make servers)`)
  return path
}

/** Chromium; as root it has no sandbox, which machines of a CI need. */
export function launch() {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: chromiumPath(), args })
}

/** A shop with so many visitors in a Redis of its own, for which its pages wait so many milliseconds. */
export async function open({ visitors = 200, redisMs = 15 } = {}) {
  const data = mkdtempSync(join(tmpdir(), 'stoa-shop-'))
  const redisPort = await freePort()
  let redis = await startRedis(redisPort)
  await seed(redis.url, visitors)
  const settings = { SHOP_SECRET: SECRET, REDIS_MS: String(redisMs) }
  const shop = await startShop({ redis: redis.url, data, port: await freePort(), settings })
  const written = (name) => {
    const file = join(data, `${name}.jsonl`)
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line)) : []
  }
  return {
    url: shop.url,
    redis: () => redis,
    /** Redis again, on the same port, with the visitors a push would bring. */
    async restartRedis() {
      redis = await startRedis(redisPort)
      await seed(redis.url, visitors)
    },
    events: () => written('events'),
    exposures: (unit) => written('exposures').filter((row) => row.unit === unit),
    async close() {
      await shop.stop()
      await redis.stop('SIGKILL')
      rmSync(data, { recursive: true })
    },
  }
}

/** Waits until `probe` gives something true, and gives how many milliseconds that took. */
export async function until(what, probe, atMost = 5000) {
  const start = performance.now()
  while (performance.now() - start < atMost) {
    if (await probe()) return performance.now() - start
    await sleep(50)
  }
  assert.fail(`${what}: not within ${atMost} ms`)
}

/** A page as the server sends it, to somebody with these cookies. */
export async function fetchPage(url, { cookies = {}, agent = BROWSER, headers = {} } = {}) {
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')
  const start = performance.now()
  const response = await fetch(url, { headers: { cookie, 'user-agent': agent, ...headers } })
  const html = await response.text()
  const set = Object.fromEntries(response.headers.getSetCookie().map((line) => line.split(';')[0].split(/=(.*)/s)))
  const rows = [...html.matchAll(/data-experiment="([^"]*)" data-variant="([^"]*)" data-reason="([^"]*)"/g)]
  const decisions = Object.fromEntries(rows.map(([, experiment, variant, reason]) => [experiment, { variant, reason }]))
  const [, source] = html.match(/attributes came from <code>([a-z]+)/) ?? []
  return { status: response.status, headers: response.headers, html, decisions, source, set, ms: performance.now() - start }
}
