// How much more memory the process ever held while it decided for that many visitors, each a new one: in MB, as JSON. The
// ids and the attributes are there before the count starts, and so is what the compiler and the collector need.
import { createRequire } from 'node:module'

import { bundleOf, experiment, visitorsOf } from './store.mjs'

const { Engine } = createRequire(import.meta.url)('../../stoa-node')

/** Visitors between two looks at the memory. */
const STEP = 5_000

const visitors = Number(process.argv[2])
const engine = Engine.fromJSON(bundleOf([experiment('free_shipping')]))
const x = engine.experiment('free_shipping')
const variantOf = x.positional('orders_count', 'country')
const people = visitorsOf(1000, false)
const ids = Array.from({ length: 2 * visitors }, (_, i) => Buffer.from(`visitor-${i}`).toString())

/** The most memory held, looked at now and then. */
function peak(from) {
  let most = 0
  for (let i = from; i < from + visitors; i += 1) {
    const { attributes, cached } = people[i % people.length]
    variantOf(ids[i], attributes.orders_count, attributes.country)
    x.variantIndex(ids[i], cached)
    engine.decide('free_shipping', ids[i], attributes)
    if (i % STEP === 0) most = Math.max(most, process.memoryUsage.rss())
  }
  return most
}

peak(0)
globalThis.gc()
const before = process.memoryUsage.rss()
const extra = Math.max(0, peak(visitors) - before)
console.log(JSON.stringify({ visitors, extra_mb: Number((extra / 2 ** 20).toFixed(1)) }))
