// What a registry hands to the storefront: the bundle of the golden log, loaded and deciding.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { vectors } from './shared.mjs'

const golden = vectors('registry')

test('the bundle of the golden log decides as its segments say', () => {
  const engine = stoa.Engine.fromJSON(golden.bundle)
  assert.deepEqual(engine.problems, [])
  for (const { attributes, reason } of golden.decisions) {
    assert.equal(engine.decide(golden.experiment.key, 'u1', attributes).reason, reason)
  }
  assert.ok(golden.decisions.length >= 2)
})

test('the lines of the golden log follow from each other', () => {
  let prev = ''
  for (const line of golden.log) {
    const { hash, ...rest } = JSON.parse(line)
    assert.equal(rest.prev, prev)
    // A line is its canonical JSON: without the hash it is the text that was hashed.
    const sealed = line.replace(`"hash":"${hash}",`, '')
    assert.equal(createHash('sha256').update(sealed).digest('hex'), hash)
    prev = hash
  }
  assert.equal(prev, golden.head)
})
