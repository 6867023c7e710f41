// The README's TypeScript example runs as shown, and the three stories print the same lines.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const run = (file) => spawnSync(process.execPath, [file], { cwd: root, encoding: 'utf8' })

test('the README example runs', () => {
  const [, source] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))
  // Inside the package its own name resolves, as in a project that installed it.
  const folder = mkdtempSync(join(root, 'stoa-node', 'readme-'))
  try {
    writeFileSync(join(folder, 'example.mjs'), source)
    const done = run(join(folder, 'example.mjs'))
    assert.equal(done.status, 0, done.stderr)
    assert.match(done.stdout, /chance it is better/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the story of examples/ runs', () => {
  const done = run(join(root, 'examples', 'loop.mjs'))
  assert.equal(done.status, 0, done.stderr)
  assert.match(done.stdout, /^verdict/m)
})
