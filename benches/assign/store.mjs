// The experiment and the visitors that are timed.
import { createHash } from 'node:crypto'

/** Two variants for visitors with two orders or more in two countries. */
export function experiment(key) {
  const orders = { attr: 'orders_count', op: 'gte', value: 2 }
  const country = { attr: 'country', op: 'in', value: ['CA', 'US'] }
  return {
    key,
    surface: 'shipping_offer',
    status: 'running',
    variants: [{ key: 'A' }, { key: 'B', payload: { threshold: 50 } }],
    targeting: { all: [orders, country] },
    metrics: { revenue: { metric: 'revenue_per_visitor' }, satisfaction: { metric: 'csat' } },
  }
}

export function bundleOf(experiments) {
  return { schema_version: 1, experiments }
}

/** A UUID that depends on the number alone. */
export function uuid(i) {
  const hex = createHash('md5').update(`${i}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Visitors of whom all pass the targeting, or three in ten. */
export function visitorsOf(n, passing) {
  return Array.from({ length: n }, (_, i) => {
    const orders_count = passing ? 2 + (i % 7) : i % 5
    const country = passing || i % 2 ? ['CA', 'US'][(i >> 1) % 2] : ['DE', 'FR'][(i >> 1) % 2]
    return { id: uuid(i), attributes: { orders_count, country }, cached: cached({ orders_count, country }, i) }
  })
}

/** What a cache holds of a visitor: the two attributes among others, 200 bytes. */
function cached(attributes, i) {
  const rest = { days_since_last_order: i % 90, lifetime_value: 10 + (i % 1000) / 4, email_subscriber: i % 3 === 0 }
  const document = { v: 1, a: { ...rest, ...attributes, channel: 'web', plan: 'none' }, s: { vip: '!7c9e6679f1a2' } }
  const short = JSON.stringify(document)
  document.a.plan = 'x'.repeat(4 + 200 - short.length)
  return Buffer.from(JSON.stringify(document))
}
