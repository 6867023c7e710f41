import { join } from 'node:path'

/** The folder that events are written to. */
export const DATA = process.env.SHOP_DATA ?? 'data'
/** The bundle that `npm run build` made of the experiments. */
export const BUNDLE = process.env.SHOP_BUNDLE ?? join('build', 'bundle.json')
export const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
/** Milliseconds that a page waits for Redis, at most. */
export const REDIS_MS = Number(process.env.REDIS_MS ?? 15)
/** Signs cookies and QA links; of a real shop: 32 random characters at least, known to nobody else. */
export const SECRET = process.env.SHOP_SECRET ?? 'the storefront example has no secrets'
