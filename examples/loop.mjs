// One turn of the loop in Node, on data in memory: segment, experiment, assign, analyze, and the bundle of the next.
//
// `node examples/loop.mjs [BUNDLE]`. `loop.rs` and `loop.py` tell the same story and print the same lines; they also
// search for segments, and `loop.py BUNDLE` writes what this program loads.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { Engine, Rule, analyze } = createRequire(import.meta.url)('../stoa-node')

const VISITORS = 20_000
const contract = {
  key: 'free_shipping',
  hypothesis: 'Free shipping from $50 turns more visits into orders.',
  surface: 'shipping_offer',
  status: 'running',
  targeting: { segment: 'repeat_buyers' },
  variants: [{ key: 'threshold_75' }, { key: 'threshold_50' }],
  metrics: {
    revenue: { metric: 'revenue_per_visitor' },
    satisfaction: { metric: 'return_visit_rate', proxy_reason: 'No survey runs yet.' },
  },
}

// A number in [0, 1) that only the salt and the id decide: the first 52 bits of a SHA-256.
const uniform = (salt, visitor) =>
  parseInt(createHash('sha256').update(`${salt}:${visitor}`).digest('hex').slice(0, 13), 16) / 2 ** 52

// 1 SEGMENT: a rule with a name; words and SQL come from the same rule.
const rule = Rule.parse('orders_count >= 2')
console.log(`segment     repeat_buyers: ${rule.describe()}`)

// 2 EXPERIMENT: the engine checks the bundle and is what a loader asks.
const engine = Engine.fromJSON({
  schema_version: 1,
  experiments: [contract],
  segments: [{ key: 'repeat_buyers', rule: rule.toJSON() }],
})

// The visitors of 28 days: whatever differs between them is drawn from the hash of their id, so nothing here is random.
const arms = new Map(contract.variants.map(({ key }) => [key, { visitors: 0, returned: 0, values: [] }]))
for (let i = 0; i < VISITORS; i++) {
  const visitor = `visitor-${i}`
  const usual_basket = Math.floor(20 + 80 * uniform('usual basket', visitor))
  const attributes = { orders_count: Math.floor(uniform('orders', visitor) * 5), usual_basket }
  const { variant, reason } = engine.decide('free_shipping', visitor, attributes)
  if (reason !== 'assigned') continue
  const arm = arms.get(variant)
  arm.visitors += 1
  arm.returned += uniform('returns', visitor) < 0.3 ? 1 : 0
  // What the analysis does not know: the lower threshold helps only those who usually spend that much.
  const helped = variant === 'threshold_50' && usual_basket >= 50
  if (uniform('buys', visitor) < (helped ? 0.12 : 0.05)) {
    arm.values.push(Math.floor(20 + 80 * uniform('order value', visitor) + 0.5))
  }
}
const takePart = [...arms.values()].reduce((n, arm) => n + arm.visitors, 0)
console.log(`assign      ${takePart} of ${VISITORS} visitors take part`)

// 3 ANALYZE, on day 28: sums travel, rows stay where they are.
const total = (xs) => xs.reduce((sum, x) => sum + x, 0)
const stats = {
  experiment: 'free_shipping',
  day: 28,
  variants: [...arms].map(([key, { visitors, returned, values }]) => {
    const [orders, logs] = [values.length, values.map(Math.log)]
    const mean_log = total(logs) / orders
    const var_log = total(logs.map((x) => (x - mean_log) ** 2)) / orders
    const [sum, sum_sq] = [total(values), total(values.map((x) => x ** 2))]
    return {
      key,
      n: visitors,
      metrics: {
        revenue_per_visitor: { visitors, orders, mean_log, var_log, sum, sum_sq },
        return_visit_rate: { n: visitors, successes: returned },
      },
    }
  }),
}
const analysis = await analyze(stats, contract)
const revenue = analysis.metrics.revenue_per_visitor.threshold_50
console.log(`analyze     P(lift > 0) = ${revenue.prob_positive.toFixed(4)}`)
console.log(`            expected loss of shipping: $${revenue.expected_loss_ship.toFixed(4)} a visitor`)
console.log(`verdict     ${analysis.verdict.sentence}`)

// 4 NEXT: the bundle that the search and the registry of `loop.py` made; its experiment targets the segment they found.
const [bundle] = process.argv.slice(2)
if (bundle) {
  const next = Engine.fromJSON(readFileSync(bundle))
  const { variant, reason } = next.decide('free_shipping_again', 'visitor-1', { usual_basket: 60 })
  console.log(`next        free_shipping_again: visitor-1 gets ${variant} (${reason})`)
}
