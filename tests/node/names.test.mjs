// Every public name is in the one table that Rust, Python and TypeScript are held against, and the other way round.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import { vectors } from './shared.mjs'

const stoa = createRequire(import.meta.url)('../../stoa-node')
const declarations = readFileSync(new URL('../../stoa-node/lib/index.d.ts', import.meta.url), 'utf8')
const values = Object.keys(stoa).sort()

/** What the declarations export: `type NAME` or NAME. */
function declared() {
  const lists = [...declarations.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type = '', list]) =>
    list.split(',').flatMap((name) => (name.trim() ? `${type}${name.trim()}` : [])),
  )
  const own = [...declarations.matchAll(/^export (?:declare \w+|(interface)) (\w+)/gm)]
  return [...lists, ...own.map(([, type, name]) => (type ? `type ${name}` : name))]
}

/** Methods, static ones too, of a class; functions of an object. */
function members(name) {
  const item = stoa[name]
  const holders = [item, item.prototype].filter((holder) => holder && typeof holder !== 'string')
  const own = ['length', 'name', 'prototype', 'constructor']
  return holders.flatMap(Object.getOwnPropertyNames).flatMap((member) => (own.includes(member) ? [] : `${name}.${member}`))
}

test('what is exported is what is listed', () => {
  const types = declared().flatMap((name) => (name.startsWith('type ') ? name.slice(5) : []))
  const listed = vectors('names').groups.flatMap((group) => group.names.flatMap(([, , name]) => name ?? []))
  assert.deepEqual([...values, ...types, ...values.flatMap(members)].sort(), listed.sort())
})

test('what is exported is what is declared', () => {
  assert.deepEqual(declared().filter((name) => !name.startsWith('type ')).sort(), values)
})
