// Bad input, refused with the code, field, rule, value and hint of the other languages.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { thrown, vectors } from './shared.mjs'

/** A text of the vectors: written out, or described when it is large. */
function text(input) {
  if (typeof input === 'string') return input
  return (input.prefix ?? '') + input.repeat.repeat(input.times) + (input.suffix ?? '')
}

const calls = {
  rule_from_json: ({ text: rule }) => thrown(() => stoa.Rule.fromJSON(text(rule))),
  rule_parse: ({ text: sql }) => thrown(() => stoa.Rule.parse(text(sql))),
  experiment_read: async ({ text: contract }) => stoa.experimentProblems(text(contract))[0],
  experiment: async ({ document }) => stoa.experimentProblems(document)[0],
  compare: ({ family, ...arms }) => thrown(() => stoa.compare(family, arms)),
}

for (const { name, call, input, ...facts } of vectors('errors').cases) {
  // Rows are analysed, and registries read, in Python and Rust.
  const skip = { analyze: 'Node has no data frames', registry_read: 'Node reads bundles of a registry' }[call]
  test(name, { skip: skip ?? false }, async () => {
    const { code, field, rule, value, hint } = await calls[call](input)
    assert.deepEqual({ code, field, rule, value, hint }, { hint: undefined, ...facts })
  })
}

test('an error is an Error with all problems, in order', async () => {
  const error = await thrown(() => stoa.Rule.fromJSON({ all: [{ attr: 'a', op: 'eq' }, { attr: 'b', op: 'nope' }] }))
  assert.ok(error instanceof Error && error instanceof stoa.StoaError)
  assert.equal(error.name, 'StoaError')
  assert.equal(error.problems.length, 2)
  assert.equal(error.code, error.problems[0].code)
  assert.ok(Object.isFrozen(error.problems))
})

test('NaN in sums is named with its path', async () => {
  const control = { n: 900, successes: Number.NaN }
  const error = await thrown(() => stoa.compare('binary', { control, treatment: { n: 905, successes: 99 } }))
  assert.deepEqual([error.code, error.field, error.value], ['not_finite', 'control.successes', 'NaN'])
})

test('what runs off the main thread rejects with the same error', async () => {
  const error = await thrown(() => stoa.analyze('{}', 'key: x'))
  assert.ok(error instanceof stoa.StoaError)
  const arm = { n: 10, successes: 5 }
  const comparison = stoa.compare('binary', { control: arm, treatment: arm })
  assert.equal((await thrown(() => comparison.sample(1e9))).code, 'too_large')
  assert.equal((await thrown(() => comparison.sample(-1))).code, 'out_of_range')
})
