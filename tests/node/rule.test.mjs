// Rules against the vectors, and what JavaScript adds: bytes, dates, lone surrogates.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { thrown, vectors } from './shared.mjs'

const { Rule } = stoa
const { schema, evaluate, parse, print, describe, canonical, refuse } = vectors('rule')

for (const { name, rule, attributes, now, expected } of evaluate) {
  test(`evaluate: ${name}`, () => {
    const read = Rule.fromJSON(rule)
    const json = JSON.stringify(attributes)
    for (const given of [attributes, json, Buffer.from(json)]) {
      assert.equal(read.evaluate(given, { now }), expected)
    }
    assert.equal(read.matches(attributes, { now }), expected === true)
  })
}

for (const { name, sql, rule } of parse) {
  test(`parse: ${name}`, () => {
    assert.deepEqual(Rule.parse(sql).toJSON(), rule)
    assert.ok(Rule.parse(sql).equals(Rule.fromJSON(rule)))
  })
}

for (const { name, rule, now, ...dialects } of print) {
  test(`print: ${name}`, () => {
    const read = Rule.fromJSON(rule)
    for (const [dialect, sql] of Object.entries(dialects)) {
      if (sql === null) {
        assert.throws(() => read.toSQL(dialect, { now }), { code: 'out_of_range' })
      } else {
        assert.equal(read.toSQL(dialect, { now }), sql)
      }
    }
  })
}

for (const { name, rule, plain, with_schema } of describe) {
  test(`describe: ${name}`, () => {
    assert.equal(Rule.fromJSON(rule).describe(), plain)
    assert.equal(Rule.fromJSON(rule).describe(schema), with_schema)
  })
}

for (const { name, json, canonical: text, hash } of canonical) {
  test(`canonical: ${name}`, () => {
    assert.equal(Rule.fromJSON(json).hash(), hash)
    assert.deepEqual(Rule.fromJSON(json).toJSON(), JSON.parse(text))
  })
}

for (const { name, json, sql, check, problems } of refuse) {
  test(`refuse: ${name}`, async () => {
    const error = await thrown(() => {
      if (sql !== undefined) return Rule.parse(sql)
      return check ? Rule.fromJSON(check).check(schema) : Rule.fromJSON(json)
    })
    assert.ok(error instanceof stoa.StoaError)
    const facts = error.problems.map(({ code, field, hint = null }) => ({ code, field, hint }))
    assert.deepEqual(facts, problems)
  })
}

test('a date and its text are the same instant', () => {
  const rule = Rule.fromJSON({ attr: 't', op: 'within_days', value: 30 })
  const now = new Date('2026-02-01T00:00:00Z')
  assert.equal(rule.evaluate({ t: '2026-01-02T00:00:00Z' }, { now }), true)
  assert.equal(rule.evaluate({ t: new Date('2026-01-01T23:59:59Z') }, { now }), false)
  assert.equal(rule.evaluate({ t: '2026-01-02T00:00:00Z' }), null)
})

test('a lone surrogate is U+FFFD, and nothing else changes', () => {
  const rule = Rule.fromJSON({ attr: 'name', op: 'eq', value: '\\ud800 \ud800 \u{1f600}' })
  assert.equal(rule.toJSON().value, '\\ud800 \ufffd \u{1f600}')
  assert.ok(rule.matches({ name: '\\ud800 \udfff \u{1f600}' }))
})

test('what JSON cannot carry is missing or refused, never a crash', async () => {
  const rule = Rule.parse('n >= 1')
  assert.equal(rule.evaluate({ n: Number.NaN }), null)
  assert.equal(rule.evaluate(undefined), null)
  const circular = {}
  circular.self = circular
  for (const attributes of [{ n: 1n }, circular, '[1', Buffer.from([0xff]), 7]) {
    assert.equal((await thrown(() => rule.evaluate(attributes))).code, 'invalid_document')
  }
  const nan = await thrown(() => Rule.fromJSON({ attr: 'n', op: 'gte', value: Number.NaN }))
  assert.deepEqual([nan.code, nan.field, nan.value], ['not_finite', 'value', 'NaN'])
  for (const run of [() => Rule.parse(7), () => Rule.fromJSON(null), () => rule.toSQL(7), () => rule.check(undefined)]) {
    assert.equal((await thrown(run)).code, 'wrong_type')
  }
})
