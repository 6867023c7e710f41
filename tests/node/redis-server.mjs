// A real redis-server of the tests' own: a private port of the loopback, a folder of its own, ended by its id.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const require = createRequire(new URL('../../stoa-node/package.json', import.meta.url))
export const { createClient, createClientPool, createCluster } = require('redis')

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a server; `port` when it must come back where another was. */
export async function startRedis({ port, args = [] } = {}) {
  const at = port ?? (await freePort())
  const folder = mkdtempSync(join(tmpdir(), 'stoa-redis-'))
  const options = ['--port', at, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...args]
  const child = spawn('redis-server', options.map(String), { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = `redis://127.0.0.1:${at}`
  await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
    child.stdout.on('data', (text) => String(text).includes('Ready to accept connections') && resolve())
  })
  // Whatever ends the tests, a stopped server too, ends it.
  const last = () => child.kill('SIGKILL')
  process.once('exit', last)
  const end = async (signal) => {
    process.off('exit', last)
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    url,
    port: at,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
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
