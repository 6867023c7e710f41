// One decision as each peer is used: the same experiment (METHODS, assignment), set up offline from a document in its own
// format. Every function takes an index of the visitors and gives the key of the variant. Contexts that are plain objects
// are there before the count starts; Statsig's user is an object of its addon, which every request makes anew.
import { EppoClient, MemoryOnlyConfigurationStore } from '@eppo/js-client-sdk-common'
import { GrowthBookClient } from '@growthbook/growthbook'
import { FlagdCore } from '@openfeature/flagd-core'
import { Statsig, StatsigUser } from '@statsig/statsig-node-core'

const KEY = 'free_shipping'

export function flagd(visitors) {
  const core = new FlagdCore()
  const eligible = { and: [{ '>=': [{ var: 'orders_count' }, 2] }, { in: [{ var: 'country' }, ['CA', 'US']] }] }
  const flag = {
    state: 'ENABLED',
    variants: { A: 'A', B: 'B' },
    defaultVariant: 'A',
    targeting: { if: [eligible, { fractional: [['A', 50], ['B', 50]] }, 'A'] },
  }
  core.setConfigurations(JSON.stringify({ flags: { [KEY]: flag } }))
  const contexts = visitors.map(({ id, attributes }) => ({ targetingKey: id, ...attributes }))
  return (i) => core.resolveStringEvaluation(KEY, 'A', contexts[i]).value
}

export function growthbook(visitors) {
  const rule = {
    key: KEY,
    condition: { orders_count: { $gte: 2 }, country: { $in: ['CA', 'US'] } },
    variations: ['A', 'B'],
    weights: [0.5, 0.5],
    hashAttribute: 'id',
    hashVersion: 2,
  }
  const client = new GrowthBookClient().initSync({
    payload: { features: { [KEY]: { defaultValue: 'A', rules: [rule] } } },
  })
  const contexts = visitors.map(({ id, attributes }) => ({ attributes: { id, ...attributes } }))
  return (i) => client.getFeatureValue(KEY, 'A', contexts[i])
}

export async function eppo(visitors) {
  const conditions = [
    { attribute: 'orders_count', operator: 'GTE', value: 2 },
    { attribute: 'country', operator: 'ONE_OF', value: ['CA', 'US'] },
  ]
  const split = (variationKey, start, end) => ({
    variationKey,
    shards: [{ salt: KEY, ranges: [{ start, end }] }],
    extraLogging: {},
  })
  const allocation = {
    key: 'everyone',
    rules: [{ conditions }],
    splits: [split('A', 0, 5000), split('B', 5000, 10000)],
    doLog: false,
  }
  const flag = {
    key: KEY,
    enabled: true,
    variationType: 'STRING',
    variations: { A: { key: 'A', value: 'A' }, B: { key: 'B', value: 'B' } },
    allocations: [allocation],
    totalShards: 10000,
  }
  const store = new MemoryOnlyConfigurationStore()
  await store.setEntries({ [KEY]: flag })
  store.setFormat('SERVER')
  const client = new EppoClient({ flagConfigurationStore: store })
  return (i) => client.getStringAssignment(KEY, visitors[i].id, visitors[i].attributes, 'A')
}

export async function statsig(visitors) {
  const condition = (type, operator, targetValue, field, additionalValues = {}) => ({
    type,
    operator,
    targetValue,
    field,
    additionalValues,
    isDeviceBased: false,
    idType: 'userID',
  })
  const bucket = (operator) => condition('user_bucket', operator, 500, null, { salt: KEY })
  const rule = (groupName, inBucket) => ({
    name: groupName,
    id: groupName,
    groupName,
    salt: KEY,
    passPercentage: 100,
    conditions: ['orders', 'country', inBucket],
    returnValue: { variant: groupName },
    idType: 'userID',
    isExperimentGroup: true,
  })
  const spec = {
    type: 'dynamic_config',
    entity: 'experiment',
    salt: KEY,
    enabled: true,
    isActive: true,
    idType: 'userID',
    defaultValue: { variant: 'A' },
    explicitParameters: [],
    rules: [rule('A', 'low'), rule('B', 'high')],
  }
  const specs = {
    has_updates: true,
    time: 1,
    company_id: 'none',
    feature_gates: {},
    layer_configs: {},
    experiment_to_layer: {},
    dynamic_configs: { [KEY]: spec },
    condition_map: {
      orders: condition('user_field', 'gte', 2, 'orders_count'),
      country: condition('user_field', 'any', ['CA', 'US'], 'country'),
      low: bucket('lt'),
      high: bucket('gte'),
    },
  }
  const document = { result: JSON.stringify(specs), time: 1 }
  const dataStore = { initialize: async () => {}, shutdown: async () => {}, get: async () => document, set: async () => {} }
  const client = new Statsig('secret-offline', {
    dataStore,
    disableNetwork: true,
    disableAllLogging: true,
    disableCountryLookup: true,
    outputLogLevel: 'none',
    specAdaptersConfig: [{ adapterType: 'data_store', initTimeoutMs: 1000 }],
  })
  await client.initialize()
  const contexts = visitors.map(({ id, attributes: { country, ...custom } }) => ({ userID: id, country, custom }))
  const quiet = { disableExposureLogging: true }
  return (i) => client.getExperiment(new StatsigUser(contexts[i]), KEY, quiet).value.variant
}

