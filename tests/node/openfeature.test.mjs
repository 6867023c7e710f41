// Experiments as flags, through the real server SDK of OpenFeature.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'

import { Engine, Exposures } from '../../stoa-node/lib/index.mjs'
import { exposureHook, StoaProvider } from '../../stoa-node/lib/openfeature.mjs'
import { bundle, experiment } from './bundle.mjs'

const require = createRequire(new URL('../../stoa-node/package.json', import.meta.url))
const { OpenFeature, ProviderEvents } = require('@openfeature/server-sdk')
after(() => OpenFeature.close())

const variants = (...payloads) => payloads.map((payload, i) => ({ key: 'AB'[i], ...(payload === undefined ? {} : { payload }) }))
/** The same experiment under another key. */
const like = (key, changes) => ({ ...experiment, key, targeting: undefined, ...changes })
const experiments = [
  experiment,
  like('on_off', { variants: variants(undefined, true) }),
  like('sizes', { variants: variants(10, 25) }),
  like('mixed', { variants: variants(undefined, { size: 1 }) }),
  like('bare', { variants: variants(undefined, undefined) }),
  like('mine', { overrides: { boss: 'B' } }),
  like('done', { status: 'stopped', shipped: 'B' }),
  like('resting', { status: 'paused' }),
  like('tiny', { allocation: 0 }),
  like('broken', { variants: 'B' }),
]
const engine = Engine.fromJSON({ ...bundle, experiments })

let domains = 0
async function client(t, provider = new StoaProvider(engine)) {
  const domain = `test-${(domains += 1)}`
  await OpenFeature.setProviderAndWait(domain, provider)
  return OpenFeature.getClient(domain)
}

/** An id that the engine gives that variant. */
function visitor(key, variant) {
  for (let i = 0; ; i += 1) if (engine.decide(key, `v${i}`).variant === variant) return { targetingKey: `v${i}` }
}

test('a string is the key of the variant that the engine gives, with its reason', async (t) => {
  const flags = await client(t)
  for (let i = 0; i < 50; i += 1) {
    const attributes = { orders_count: i % 4, country: 'CA' }
    const decision = engine.decide('free_shipping', `v${i}`, attributes)
    const details = await flags.getStringDetails('free_shipping', 'none', { targetingKey: `v${i}`, ...attributes })
    assert.equal(details.value, decision.variant)
    assert.equal(details.variant, decision.variant)
    assert.equal(details.reason, i % 4 >= 2 ? 'SPLIT' : 'DEFAULT')
    const { reason, exposes, version } = decision
    assert.deepEqual({ ...details.flagMetadata }, { reason, exposes, version, source: 'context' })
  }
})

test('payloads are values of their own type, and a bare control is the caller’s default', async (t) => {
  const flags = await client(t)
  assert.equal(await flags.getBooleanValue('on_off', false, visitor('on_off', 'B')), true)
  for (const fallback of [true, false]) {
    assert.equal(await flags.getBooleanValue('on_off', fallback, visitor('on_off', 'A')), fallback)
  }
  assert.equal(await flags.getNumberValue('sizes', 0, visitor('sizes', 'A')), 10)
  assert.equal(await flags.getNumberValue('sizes', 0, visitor('sizes', 'B')), 25)
  assert.deepEqual(await flags.getObjectValue('mixed', { size: 9 }, visitor('mixed', 'B')), { size: 1 })
  assert.deepEqual(await flags.getObjectValue('mixed', { size: 9 }, visitor('mixed', 'A')), { size: 9 })
})

test('a payload of another type is a mismatch for both variants, and nobody is exposed', async (t) => {
  const rows = []
  const exposures = new Exposures({ write: (batch) => void rows.push(...batch) })
  const flags = (await client(t)).addHooks(exposureHook(exposures))
  for (const variant of ['A', 'B']) {
    const asked = [
      await flags.getBooleanDetails('mixed', true, visitor('mixed', variant)),
      await flags.getNumberDetails('on_off', 7, visitor('on_off', variant)),
      await flags.getObjectDetails('sizes', { a: 1 }, visitor('sizes', variant)),
      // On or off cannot be told by a treatment without a payload.
      await flags.getBooleanDetails('bare', true, visitor('bare', variant)),
    ]
    assert.deepEqual(asked.map(({ value }) => value), [true, 7, { a: 1 }, true])
    assert.deepEqual(asked.map(({ errorCode }) => errorCode), Array(4).fill('TYPE_MISMATCH'))
  }
  await exposures.close()
  assert.deepEqual(rows, [])
})

test('what is wrong has its code, and gives the caller’s default', async (t) => {
  const flags = await client(t)
  const circular = {}
  circular.self = circular
  const unwritable = { targetingKey: 'v1', orders_count: circular, country: 'CA' }
  const cases = [
    ['nowhere', { targetingKey: 'v1' }, 'FLAG_NOT_FOUND'],
    ['broken', { targetingKey: 'v1' }, 'PARSE_ERROR'],
    ['free_shipping', {}, 'TARGETING_KEY_MISSING'],
    ['free_shipping', { targetingKey: '' }, 'TARGETING_KEY_MISSING'],
    ['free_shipping', { targetingKey: 'x'.repeat(2_000) }, 'INVALID_CONTEXT'],
    ['free_shipping', unwritable, 'INVALID_CONTEXT'],
  ]
  for (const [key, context, code] of cases) {
    const details = await flags.getStringDetails(key, 'mine', context)
    assert.deepEqual([details.value, details.reason, details.errorCode], ['mine', 'ERROR', code], key)
  }
})

test('every other reason has a word of OpenFeature’s', async (t) => {
  const flags = await client(t)
  const cases = [
    ['mine', { targetingKey: 'boss' }, 'B', 'TARGETING_MATCH', 'forced'],
    ['done', { targetingKey: 'v1' }, 'B', 'TARGETING_MATCH', 'shipped'],
    ['resting', { targetingKey: 'v1' }, 'A', 'DISABLED', 'not_running'],
    ['tiny', { targetingKey: 'v1' }, 'A', 'DEFAULT', 'not_allocated'],
  ]
  for (const [key, context, value, reason, why] of cases) {
    const details = await flags.getStringDetails(key, 'none', context)
    assert.deepEqual([details.value, details.reason, details.flagMetadata.reason], [value, reason, why])
  }
})

test('attributes come from a reader where the context has none', async (t) => {
  const asked = []
  const read = { attributes: Buffer.from('{"v":1,"a":{"orders_count":3,"country":"CA"},"s":{}}'), source: 'redis' }
  const attributes = { get: async (id) => (asked.push(id), id === 'lost' ? Promise.reject(new Error('down')) : read) }
  const flags = await client(t, new StoaProvider(engine, { attributes }))
  const why = async (context) => {
    const { reason, source } = (await flags.getStringDetails('free_shipping', 'none', context)).flagMetadata
    return [reason, source]
  }
  assert.deepEqual(await why({ targetingKey: 'v1' }), ['assigned', 'redis'])
  assert.deepEqual(await why({ targetingKey: 'v1', orders_count: 0 }), ['not_targeted', 'context'])
  assert.deepEqual(await why({ targetingKey: 'lost' }), ['not_targeted', 'default'])
  assert.deepEqual(asked, ['v1', 'lost'])
})

test('the hook hands over what counts, once a visitor, with what an analysis needs', async (t) => {
  const rows = []
  const exposures = new Exposures({ write: (batch) => void rows.push(...batch) })
  const flags = (await client(t)).addHooks(exposureHook(exposures))
  const ana = { targetingKey: 'ana', orders_count: 3, country: 'CA' }
  await flags.getStringValue('free_shipping', 'A', ana)
  await flags.getStringValue('free_shipping', 'A', ana)
  await flags.getStringValue('free_shipping', 'A', { targetingKey: 'bo', orders_count: 0 })
  await flags.getStringValue('done', 'A', ana)
  await flags.getStringValue('nowhere', 'A', ana)
  await exposures.close()
  const { variant } = engine.decide('free_shipping', 'ana', ana)
  const [{ time, ...row }] = rows
  assert.equal(rows.length, 1)
  assert.ok(Math.abs(Date.now() - time) < 10_000)
  const { version } = engine
  assert.deepEqual(row, { experiment: 'free_shipping', variant, unit: 'ana', source: 'context', version, reason: 'assigned' })
})

test('flags of another provider are not exposures', async (t) => {
  const exposures = new Exposures({ write: () => {} })
  const flagMetadata = { exposes: 'experiment', reason: 'assigned', version: 'x', source: 'x' }
  const other = {
    metadata: { name: 'another' },
    runsOn: 'server',
    resolveStringEvaluation: async () => ({ value: 'B', variant: 'B', flagMetadata }),
  }
  const flags = (await client(t, other)).addHooks(exposureHook(exposures))
  assert.equal(await flags.getStringValue('free_shipping', 'A', { targetingKey: 'ana' }), 'B')
  assert.equal(exposures.stats().taken, 0)
})

test('an engine is swapped whole, and OpenFeature is told once', async (t) => {
  const provider = new StoaProvider(engine)
  const flags = await client(t, provider)
  const told = []
  flags.addHandler(ProviderEvents.ConfigurationChanged, (details) => void told.push(details.flagsChanged))
  assert.equal(await flags.getNumberValue('sizes', 0, visitor('sizes', 'B')), 25)
  provider.use(Engine.fromJSON({ ...bundle, experiments: [like('sizes', { variants: variants(11, 12) }), like('late', {})] }))
  assert.equal(await flags.getNumberValue('sizes', 0, visitor('sizes', 'B')), 12)
  assert.equal((await flags.getStringDetails('free_shipping', 'none', { targetingKey: 'v1' })).errorCode, 'FLAG_NOT_FOUND')
  provider.use(Engine.fromJSON({ ...bundle, experiments: [like('sizes', { variants: variants(11, 12) }), like('late', {})] }))
  await new Promise(setImmediate)
  assert.equal(told.length, 1)
  assert.ok(['sizes', 'late', 'free_shipping'].every((key) => told[0].includes(key)), String(told[0]))
})
