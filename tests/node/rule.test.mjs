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

for (const { name, json, sql, check, schema: document, problems } of refuse) {
  test(`refuse: ${name}`, async () => {
    const error = await thrown(() => {
      if (sql !== undefined) return Rule.parse(sql)
      if (document !== undefined) return Rule.parse('TRUE').check(document)
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
  for (const attributes of [circular, '[1', Buffer.from([0xff]), 7]) {
    assert.equal((await thrown(() => rule.evaluate(attributes))).code, 'invalid_document')
  }
  assert.match((await thrown(() => rule.evaluate(circular))).message, /^attributes must be writable as JSON, got .*circular/)
  const trap = { get n() { throw new Error('no such luck') } }
  assert.match((await thrown(() => rule.evaluate(trap))).message, /^attributes must be writable as JSON, got .*no such luck/)
  const nan = await thrown(() => Rule.fromJSON({ attr: 'n', op: 'gte', value: Number.NaN }))
  assert.deepEqual([nan.code, nan.field, nan.value], ['not_finite', 'value', 'NaN'])
  for (const run of [() => Rule.parse(7), () => Rule.fromJSON(null), () => rule.toSQL(7), () => rule.check(undefined)]) {
    assert.equal((await thrown(run)).code, 'wrong_type')
  }
})

test('whole numbers may be BigInts, and attributes a Map', () => {
  const rule = Rule.parse('n >= 2')
  assert.equal(rule.evaluate({ id: 5n, n: 3 }), true)
  assert.equal(rule.evaluate({ n: 1n }), false)
  assert.equal(rule.evaluate(new Map([['n', 3n]])), true)
})

test('an instant that is none is refused, never 1970', async () => {
  const rule = Rule.parse('within_days(t, 30)')
  for (const now of [Number.NaN, 0, {}, true, 5n]) {
    for (const run of [() => rule.toSQL('duckdb', { now }), () => rule.evaluate({}, { now }), () => rule.matches({}, { now })]) {
      const error = await thrown(run)
      assert.ok(error instanceof stoa.StoaError)
      assert.deepEqual([error.code, error.field], ['wrong_type', 'now'])
    }
  }
  const invalid = await thrown(() => rule.evaluate({}, { now: new Date('x') }))
  assert.deepEqual([invalid.code, invalid.field], ['out_of_range', 'now'])
  const text = await thrown(() => rule.evaluate({}, { now: '2026-01-31' }))
  assert.deepEqual([text.code, text.field], ['out_of_range', 'now.timestamp'])
})

test('segments are written out', async () => {
  const big = { key: 'big', rule: { attr: 'spend', op: 'gt', value: 100 } }
  const rule = Rule.parse("segment('big') AND vip")
  assert.equal(rule.evaluate({ spend: 250, vip: true }), null)
  assert.ok(rule.expand([big]).equals(Rule.parse('spend > 100 AND vip')))
  const refused = [
    [() => rule.expand([]), 'unknown_name', 'segment'],
    [() => rule.expand([big, { ...big, key: 'Big' }]), 'out_of_range', 'segments[1].key'],
    [() => rule.expand([big, 3]), 'wrong_type', 'segments[1]'],
    [() => rule.expand(big), 'wrong_type', 'segments'],
    [() => rule.expand([big, big]), 'duplicate', 'segments[1].key'],
    [() => rule.expand(undefined), 'wrong_type', 'segments'],
  ]
  for (const [run, code, field] of refused) {
    const error = await thrown(run)
    assert.deepEqual([error.code, error.field], [code, field])
  }
})

test('arguments of another type are refused by name', async () => {
  const rule = Rule.parse('n >= 2')
  const refused = [
    [() => rule.toSQL(undefined), 'dialect'],
    [() => rule.toSQL('duckdb', { alias: 3 }), 'alias'],
    [() => new Rule(), 'rule'],
    [() => Rule.parse(7), 'sql'],
    [() => rule.describe(3), 'schema'],
  ]
  for (const [run, field] of refused) {
    const error = await thrown(run)
    assert.deepEqual([error.code, error.field], ['wrong_type', field])
  }
  assert.equal(rule.evaluate({ n: 3 }, null), true)
  assert.equal(rule.equals(3), false)
})
