// The contract against its vectors, and the catalog.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { thrown, vectors } from './shared.mjs'

for (const { name, document, text, store, problems } of vectors('experiment').cases) {
  test(`contract: ${name}`, () => {
    const facts = ({ code, field, value, hint }) => (hint === undefined ? { code, field, value } : { code, field, value, hint })
    const found = stoa.experimentProblems(text ?? JSON.stringify(document), store).map(facts)
    assert.deepEqual(found, problems)
  })
}

test('NaN in an object is a problem with its path', () => {
  const { cases } = vectors('experiment')
  const document = structuredClone(cases[0].document)
  document.variants[1].weight = Number.NaN
  const [problem] = stoa.experimentProblems(document)
  assert.deepEqual([problem.code, problem.field], ['not_finite', 'variants[1].weight'])
})

test('the schema is the published one, and frozen', () => {
  const published = new URL('../../docs/experiment.schema.json', import.meta.url)
  assert.deepEqual(stoa.experimentJsonSchema(), JSON.parse(readFileSync(published, 'utf8')))
  assert.ok(Object.isFrozen(stoa.experimentJsonSchema().properties))
})

test('the catalog has 18 surfaces and 11 metrics, frozen', () => {
  const { surfaces, metrics } = stoa.catalog
  assert.deepEqual([surfaces().length, metrics().length], [18, 11])
  assert.equal(surfaces(), surfaces())
  assert.ok(Object.isFrozen(metrics()[0]))
  const known = new Set(metrics().map((metric) => metric.key))
  assert.deepEqual(surfaces().flatMap((surface) => surface.metrics).filter((key) => !known.has(key)), [])
})

test('documents may be YAML, and say where they are wrong', async () => {
  assert.deepEqual(stoa.readDocument('countries: [NO, SE]'), { countries: ['NO', 'SE'] })
  assert.equal((await thrown(() => stoa.readDocument('a: 1\na: 2'))).code, 'duplicate')
  assert.equal((await thrown(() => stoa.readDocument(Buffer.from([0xff])))).code, 'invalid_document')
})
