// The addon in worker threads and in a cluster: each loads it, and all agree.
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker, isMainThread, parentPort } from 'node:worker_threads'

import stoa from '../../stoa-node/lib/index.js'
import { bundle } from './bundle.mjs'

const IDS = 100_000

/** One hash of all decisions of one engine, made of the bundle anew. */
function digest() {
  const engine = stoa.Engine.fromJSON(bundle)
  const variantOf = engine.experiment('free_shipping').positional('orders_count', 'country')
  const hash = createHash('sha256')
  const variants = new Int8Array(IDS)
  for (let i = 0; i < IDS; i += 1) variants[i] = variantOf(`visitor-${i}`, i % 5, i % 3 ? 'CA' : 'US')
  hash.update(variants)
  const { variant, reason, version } = engine.decide('free_shipping', 'visitor-1', { orders_count: 3, country: 'CA' })
  return hash.update([variant, reason, version].join()).digest('hex')
}

if (cluster.isWorker) {
  process.send(digest(), () => process.exit())
} else if (!isMainThread) {
  parentPort.postMessage(digest())
} else {
  test('four worker threads decide as the main thread does, at the same time', async () => {
    const workers = Array.from({ length: 4 }, () => new Worker(new URL(import.meta.url)))
    const found = await Promise.all(workers.map((worker) => once(worker, 'message')))
    assert.deepEqual(found.flat(), Array(4).fill(digest()))
    await Promise.all(workers.map((worker) => worker.terminate()))
  })

  test('a thread that has ended takes nothing with it, and another can start', async () => {
    for (let i = 0; i < 3; i += 1) {
      const worker = new Worker(new URL(import.meta.url))
      const [[found]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
      assert.equal(found, digest())
    }
  })

  test('two processes of a cluster decide as the first does', async () => {
    cluster.setupPrimary({ exec: new URL(import.meta.url).pathname, args: [] })
    const workers = [cluster.fork(), cluster.fork()]
    const found = await Promise.all(workers.map((worker) => once(worker, 'message')))
    assert.deepEqual(found.map(([message]) => message), Array(2).fill(digest()))
  })
}
