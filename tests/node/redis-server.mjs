// A real redis-server of the tests' own: a private port of the loopback, a folder of its own, ended by its id.
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort, startRedis as start } from '../../examples/storefront/scripts/processes.mjs'

export const require = createRequire(new URL('../../stoa-node/package.json', import.meta.url))
export const { createClient, createClientPool, createCluster } = require('redis')

/** Starts a server; `port` when it must come back where another was. */
export async function startRedis({ port, args = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'stoa-redis-'))
  const server = await start(port ?? (await freePort()), '--dir', folder, ...args)
  // Whatever ends the tests, a stopped server too, ends it.
  const last = () => server.child.kill('SIGKILL')
  process.once('exit', last)
  const end = async (signal) => {
    process.off('exit', last)
    await server.stop(signal)
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    url: server.url,
    port: server.port,
    pause: () => server.child.kill('SIGSTOP'),
    resume: () => server.child.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

/** A client for what a test prepares. */
export async function connected(url) {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Waits until something is true, at most so long. */
export async function until(true_, millis = 5_000) {
  for (const end = Date.now() + millis; ; await new Promise((done) => setTimeout(done, 20))) {
    if (await true_()) return
    if (Date.now() > end) throw new Error(`not so within ${millis} ms: ${true_}`)
  }
}
