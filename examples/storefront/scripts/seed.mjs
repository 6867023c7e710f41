// 200 visitors in Redis, as a push from the warehouse would leave them: visitor-1 … visitor-200.
import { createClient } from 'redis'

const NAMESPACE = 'shop'
const GENERATION = 'example'
const COUNTRIES = ['CA', 'US', 'GB', 'DE']
const CHANNELS = ['web', 'phone', 'shop']

/** What the warehouse knows of the n-th visitor; nothing here is random. */
export function attributes(n) {
  const orders_count = n % 5
  return {
    orders_count,
    country: COUNTRIES[n % 4],
    preferred_channel: CHANNELS[n % 3],
    spend_last_year: orders_count * (30 + ((n * 37) % 90)),
  }
}

/** Writes the visitors, then the pointer to them; gives how many. */
export async function seed(url, visitors = 200) {
  const client = createClient({ url })
  await client.connect()
  const batch = client.multi()
  for (let n = 1; n <= visitors; n++) {
    const value = JSON.stringify({ v: 1, a: attributes(n), s: {} })
    batch.set(`stoa:${NAMESPACE}:attr:${GENERATION}:visitor-${n}`, value)
  }
  await batch.exec()
  await client.set(`stoa:${NAMESPACE}:current`, JSON.stringify({ current: GENERATION }))
  await client.close()
  return visitors
}
