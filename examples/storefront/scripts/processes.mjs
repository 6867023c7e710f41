// The two processes of the shop, for `make storefront`, the browser tests and the load bench: each started on a port of
// its own on the loopback address, stopped by its id.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'

const SHOP = fileURLToPath(new URL('..', import.meta.url))
const HOST = '127.0.0.1'

/** A port that nothing listens on now. */
export async function freePort() {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until something accepts connections on the port, for ten seconds at most. */
async function accepts(port, child) {
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`)
    const socket = connect(port, HOST)
    const open = await once(socket, 'connect').catch(() => false)
    socket.destroy()
    if (open) return
    await sleep(50)
  }
  throw new Error(`nothing accepts connections on ${HOST}:${port}`)
}

async function started(command, args, port, options) {
  const child = spawn(command, args, options)
  child.once('error', () => {})
  const failed = once(child, 'error').then(([error]) => {
    throw error
  })
  failed.catch(() => {})
  await Promise.race([accepts(port, child), failed])
  const ended = once(child, 'exit')
  return {
    child,
    port,
    async stop(signal = 'SIGTERM') {
      child.kill('SIGCONT')
      child.kill(signal)
      await ended
    },
  }
}

/** A Redis that keeps nothing on disk; `more` are options of its own. */
export async function startRedis(port, ...more) {
  const args = ['--bind', HOST, '--port', String(port), '--save', '', '--appendonly', 'no', '--loglevel', 'warning']
  const server = await started('redis-server', [...args, ...more], port, { stdio: 'ignore' })
  return { ...server, url: `redis://${HOST}:${port}` }
}

/** The built shop, with settings of its own; `probe` is a module that Node loads before it. */
export async function startShop({ redis, data, port, settings = {}, probe, stdio = 'ignore' }) {
  const own = { NODE_ENV: 'production', HOST, PORT: String(port), REDIS_URL: redis, SHOP_DATA: data, ...settings }
  const env = { ...process.env, ...own }
  const args = [...(probe ? ['--import', probe] : []), 'server.mjs']
  const server = await started(process.execPath, args, port, { cwd: SHOP, env, stdio })
  return { ...server, url: `http://${HOST}:${port}` }
}
