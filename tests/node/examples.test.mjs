// Runs every `@example` of the TypeScript sources. A line `expression // value` must give that value.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'

import stoa from '../../stoa-node/lib/index.js'
import { EdgeEngine } from '../../stoa-node/lib/edge.mjs'
import { bundle } from './bundle.mjs'

const require = createRequire(new URL('../../stoa-node/package.json', import.meta.url))
const { transpile, ScriptTarget } = require('typescript')

const { exports } = require('./package.json')
const { OpenFeature } = require('@openfeature/server-sdk')
const { RouterContextProvider } = require('react-router')
/** Everything that the package exports, whatever the sub-path. */
const named = Object.assign({}, ...Object.values(exports).map(({ require: file }) => (file ? require(file.default) : {})))

const sources = new URL('../../stoa-node/ts/', import.meta.url)
const AsyncFunction = (async () => {}).constructor
const engine = stoa.Engine.fromJSON(bundle)
const decision = engine.decide('free_shipping', 'visitor-1', { orders_count: 3, country: 'CA' })
const edge = new EdgeEngine(engine.plan())
const scope = { ...named, EdgeEngine, OpenFeature, RouterContextProvider, bundle, engine, edge, decision }

function examples(source) {
  return [...source.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block.replaceAll(/^ *\* ?/gm, ''))
}

// What an example imports is in scope.
function script(example) {
  const checking = example
    .replaceAll(/^import .*$/gm, '')
    .replaceAll(/^( *)(?!const |\/\/)(\S.*?) \/\/ (.+)$/gm, (_, indent, code, value) => {
      return `${indent}check(${code}, ${JSON.stringify(value)})`
    })
  return transpile(checking, { target: ScriptTarget.ES2023 })
}

// Without this, the providers of the examples keep the process alive.
after(() => OpenFeature.close())

let checked = 0
function check(actual, expected) {
  checked += 1
  const plain = actual && typeof actual === 'object' ? JSON.parse(JSON.stringify(actual)) : actual
  assert.deepEqual(plain, new Function(`return (${expected})`)())
}

const files = readdirSync(sources, { recursive: true }).filter((file) => /\.m?ts$/.test(file))
for (const file of files) {
  const source = readFileSync(new URL(file, sources), 'utf8')
  examples(source).forEach((example, i) => {
    test(`${file} example ${i + 1}`, async () => {
      // A block of its own, so that an example may declare a name of the scope again.
      const run = new AsyncFunction(...Object.keys(scope), 'check', `{ ${script(example)} }`)
      await run(...Object.values(scope), check)
    })
  })
}

test('the examples check values, they do not only run', () => assert.ok(checked > 20, `${checked} values`))

test('every public function, class and method has an example', () => {
  const undocumented = files.flatMap((file) => {
    const source = readFileSync(new URL(file, sources), 'utf8')
    const callables = /((?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*)?)(?:^export (?:async )?(?:function|class|const) (\w+))/gm
    return [...source.matchAll(callables)]
      .filter(([, comment, name]) => name in named && !comment.includes('```ts'))
      .map(([, , name]) => `${file}: ${name}`)
  })
  assert.deepEqual(undocumented, [])
})
