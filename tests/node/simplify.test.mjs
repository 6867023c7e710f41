// Canonical forms, findings, GrowthBook's conditions and the published schemas against the vectors.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { thrown, vectors } from './shared.mjs'

const { Rule } = stoa
const { canonical, simplify, growthbook, growthbook_refuse, growthbook_schema } = vectors('simplify')

for (const { name, sql, rule, hash } of canonical) {
  test(`canonical: ${name}`, () => {
    for (const text of sql) {
      assert.deepEqual(Rule.parse(text).canonical().toJSON(), rule)
      assert.equal(Rule.parse(text).canonical().hash(), hash)
    }
  })
}

for (const { name, sql, rule, findings } of simplify) {
  test(`simplify: ${name}`, () => {
    const simple = Rule.parse(sql).simplify()
    assert.deepEqual(JSON.parse(JSON.stringify(simple)), { rule, findings })
    assert.ok(simple.rule.equals(Rule.fromJSON(rule)))
    assert.ok(Object.isFrozen(simple) && Object.isFrozen(simple.findings))
  })
}

/** The condition as an object, as text and as bytes. */
function spellings(condition) {
  const json = JSON.stringify(condition)
  return [condition, json, Buffer.from(json)]
}

for (const { name, condition, typed, rule } of growthbook) {
  test(`growthbook: ${name}`, () => {
    for (const given of spellings(condition)) {
      assert.deepEqual(Rule.fromGrowthbook(given, typed ? growthbook_schema : undefined).toJSON(), rule)
    }
  })
}

for (const { condition, typed, problems } of growthbook_refuse) {
  test(`growthbook refuses: ${JSON.stringify(condition)}`, async () => {
    for (const given of spellings(condition)) {
      const error = await thrown(() => Rule.fromGrowthbook(given, typed ? growthbook_schema : undefined))
      assert.ok(error instanceof stoa.StoaError)
      assert.deepEqual(error.problems.map(({ code, field }) => ({ code, field })), problems)
    }
  })
}

test("growthbook's own answers", () => {
  const { rows, cases } = vectors('growthbook')
  for (const { condition, answers } of cases) {
    const rule = Rule.fromGrowthbook(condition, growthbook_schema)
    assert.equal(rows.map((row) => (rule.matches(row) ? '1' : '0')).join(''), answers, JSON.stringify(condition))
  }
})

test('a number that JSON cannot carry is refused with its path', async () => {
  const error = await thrown(() => Rule.fromGrowthbook({ n: { $gte: Number.NaN } }))
  assert.deepEqual([error.code, error.field], ['not_finite', 'n.$gte'])
})

for (const name of ['rule', 'segment', 'attributes']) {
  test(`the schema of ${name} is the published one, and frozen`, () => {
    const published = new URL(`../../docs/${name}.schema.json`, import.meta.url)
    const made = stoa[`${name}JsonSchema`]()
    assert.deepEqual(made, JSON.parse(readFileSync(published, 'utf8')))
    assert.ok(Object.isFrozen(made))
  })
}
