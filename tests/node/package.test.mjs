// The package as a stranger loads it: CommonJS from the root, named ES imports, committed output up to date.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import * as stoa from '../../stoa-node/lib/index.js'

const require = createRequire(import.meta.url)
const root = new URL('../../', import.meta.url)

test('require of the folder loads the addon', () => {
  assert.equal(require('../../stoa-node').version, require('../../stoa-node/package.json').version)
})

test('every export is a named ES import', () => {
  const names = Object.keys(require('../../stoa-node'))
  assert.deepEqual(names.filter((name) => !(name in stoa)), [])
})

const manifest = require('../../stoa-node/package.json')
for (const [path, entry] of Object.entries(manifest.exports).filter(([, entry]) => entry.require)) {
  test(`${path}: import and require give the same things, with types`, async () => {
    const at = (file) => new URL(file, new URL('stoa-node/', root))
    const required = require(at(entry.require.default).pathname)
    const imported = await import(at(entry.import.default))
    const same = Object.keys(required).filter((name) => imported[name] === required[name])
    assert.deepEqual(same, Object.keys(required))
    assert.deepEqual([entry.import, entry.require].filter(({ types }) => !existsSync(at(types))), [])
  })
}

test('the version is the workspace version', () => {
  const cargo = readFileSync(new URL('Cargo.toml', root), 'utf8')
  assert.match(cargo, new RegExp(`^version = "${stoa.version}"$`, 'm'))
})

test('nothing runs at install and the lock file names no registry', () => {
  assert.deepEqual(Object.keys(manifest.scripts).filter((name) => /install|prepare/.test(name)), [])
  const lock = require('../../stoa-node/package-lock.json')
  assert.deepEqual(Object.values(lock.packages).filter((entry) => 'resolved' in entry), [])
})

test('the committed JavaScript and types are those of the sources', () => {
  const folder = new URL('stoa-node/', root).pathname
  const fresh = mkdtempSync(join(tmpdir(), 'stoa-node-'))
  try {
    const tsc = require.resolve('../../stoa-node/node_modules/typescript/bin/tsc')
    execFileSync(process.execPath, [tsc, '-p', folder, '--outDir', fresh])
    const files = (of) => readdirSync(of, { recursive: true }).filter((name) => /\.m?[jt]s$/.test(name)).sort()
    const committed = files(join(folder, 'lib')).filter((name) => name !== 'native.d.ts')
    assert.deepEqual(files(fresh), committed)
    for (const name of committed) {
      assert.equal(readFileSync(join(folder, 'lib', name), 'utf8'), readFileSync(join(fresh, name), 'utf8'), name)
    }
  } finally {
    rmSync(fresh, { recursive: true })
  }
})
