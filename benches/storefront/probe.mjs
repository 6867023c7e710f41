// Loaded into the shop before it: every second tells the bench how big the process is and how long its loop was held up.
// The resolution of 1 ms is part of every delay that is told.
import { monitorEventLoopDelay } from 'node:perf_hooks'

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
process.on('message', () => delay.reset())
setInterval(() => {
  process.send?.({ rss: process.memoryUsage.rss(), p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 })
}, 1000).unref()
process.channel?.unref()
