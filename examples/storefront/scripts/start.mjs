// `make storefront`: Redis with 200 visitors (unless REDIS_URL names one), and the built shop. Ctrl-C ends both.
import { freePort, startRedis, startShop } from './processes.mjs'
import { seed } from './seed.mjs'

const redis = process.env.REDIS_URL ? undefined : await startRedis(await freePort()).catch(noRedis)
let shop
let ending = false
async function end(code = 0) {
  if (ending) return
  ending = true
  await shop?.stop()
  await redis?.stop()
  process.exit(code)
}
process.on('SIGINT', () => end())
process.on('SIGTERM', () => end())

try {
  const url = process.env.REDIS_URL ?? redis.url
  const visitors = await seed(url)
  const data = process.env.SHOP_DATA ?? 'data'
  const port = Number(process.env.PORT ?? (await freePort()))
  shop = await startShop({ redis: url, data, port, stdio: ['ignore', 'ignore', 'inherit'] })
  shop.child.once('exit', () => end(1))
  console.log(`the shop      ${shop.url}
attributes    ${visitors} visitors in ${url}; be one of them: ${shop.url}/as/visitor-13
what happens  ${data}/exposures.jsonl and ${data}/events.jsonl in examples/storefront
Ctrl-C ends ${redis ? 'the shop and its Redis' : 'the shop'}.`)
} catch (error) {
  console.error(error.message)
  await end(1)
}

function noRedis(error) {
  console.error(error.code === 'ENOENT' ? 'redis-server is missing: make servers says how to get it' : error.message)
  process.exit(1)
}
