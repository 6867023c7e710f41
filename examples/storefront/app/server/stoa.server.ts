// The shop's side of stoa: one engine, one store of attributes, one sink of exposures for the whole process.
import { readFileSync } from 'node:fs'

import { Engine, Exposures } from 'stoa-node'
import { stoaMiddleware } from 'stoa-node/react-router'
import { AttributeStore } from 'stoa-node/redis'

import { append } from './events.server'
import { BUNDLE, REDIS_MS, REDIS_URL, SECRET } from './settings.server'

export const engine = Engine.fromJSON(readFileSync(BUNDLE))
export const attributes = new AttributeStore({ url: REDIS_URL, namespace: 'shop', timeoutMs: REDIS_MS })
export const exposures = new Exposures({ write: (batch) => append('exposures', batch) })
export const stoa = stoaMiddleware({ engine, attributes, exposures, secret: SECRET })

// What was shown and not yet written is written before the process ends.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void exposures.close().finally(() => process.exit(0)))
}
