// What `stoa-node types` writes, compiled beside right and wrong uses, as an ES module and as CommonJS.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, test } from 'node:test'

const root = join(import.meta.dirname, '..', '..', 'stoa-node')
const require = createRequire(join(root, 'package.json'))
// Inside the package its own name resolves, as in a project that installed it.
const folder = mkdtempSync(join(root, 'readme-'))
after(() => rmSync(folder, { recursive: true }))

function write(name, text) {
  writeFileSync(join(folder, name), text)
  return name
}

function cli(...args) {
  const { bin } = require('./package.json')
  return spawnSync(process.execPath, [join(root, bin['stoa-node']), ...args], { cwd: folder, encoding: 'utf8' })
}

const metrics = 'metrics: {revenue: {metric: revenue_per_visitor}, satisfaction: {metric: csat}}'
const shipping = write(
  'shipping.yaml',
  `key: free_shipping\nsurface: shipping_offer\nvariants: [{key: A}, {key: B, payload: {threshold: 50, badges: [new, 1]}}]\n${metrics}`,
)
const cart = write('cart.yaml', `key: cart-page\nsurface: cart_page\nvariants: [{key: plain}, {key: 2-columns, payload: []}]\n${metrics}`)

const uses = `
import { Engine, type Decision } from 'stoa-node'

export function right(engine: Engine): number {
  const decision = engine.decide('free_shipping', 'visitor-1')
  const variant: 'A' | 'B' | null = decision.variant
  const x = engine.experiment('free_shipping')
  const key: 'A' | 'B' | undefined = x.variants[x.variantIndex('visitor-1')]?.key
  const cart: Decision<'cart-page'> = engine.decide('cart-page', 'visitor-1')
  const memory: string = engine.remember(undefined, [decision, cart])
  for (const one of engine.assign('visitor-1', {}, { memory })) {
    if (one.experiment === 'free_shipping' && one.variant === 'B') return one.payload.threshold
  }
  return decision.variant === 'B' ? decision.payload.threshold : variant === key ? 1 : 0
}

export function wrong(engine: Engine): unknown {
  // @ts-expect-error no such experiment
  engine.decide('free_shiping', 'visitor-1')
  const decision = engine.decide('free_shipping', 'visitor-1')
  // @ts-expect-error no such variant
  if (decision.variant === 'C') return 1
  // @ts-expect-error the control has no payload
  if (decision.variant === 'A') return decision.payload.threshold
  // @ts-expect-error no such field
  if (decision.variant === 'B') return decision.payload.treshold
  // @ts-expect-error a decision may know no variant
  const variant: 'A' | 'B' = decision.variant
  return variant
}
`

test('the compiler knows variants and payloads', () => {
  const written = cli('types', shipping, cart, '-o', 'stoa.d.ts')
  assert.deepEqual([written.status, written.stderr], [0, ''])
  write('uses.mts', uses)
  write('uses.cts', uses)
  const options = { strict: true, noEmit: true, target: 'es2023', module: 'node16', types: ['node'] }
  write('tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['*.mts', '*.cts', 'stoa.d.ts'] }))
  const compiled = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' })
  assert.equal(compiled.stdout, '')
  assert.equal(compiled.status, 0)
})

test('the order of the files does not matter, and without -o the text is printed', () => {
  cli('types', shipping, cart, '-o', 'stoa.d.ts')
  assert.equal(cli('types', cart, shipping).stdout, readFileSync(join(folder, 'stoa.d.ts'), 'utf8'))
})

test('what is wrong is said by name, and nothing is written', () => {
  const refused = (args, pattern) => {
    const done = cli(...args)
    assert.equal(done.status, 2)
    assert.equal(done.stdout, '')
    assert.match(done.stderr, pattern)
  }
  refused(['types', write('bad.yaml', `key: x\nsurface: cart_pag\nvariants: [{key: A}, {key: B}]\n${metrics}`)], /bad\.yaml: .*did you mean/)
  refused(['types', write('torn.yaml', 'key: [')], /torn\.yaml: /)
  refused(['types', shipping, shipping], /another experiment's/)
  refused(['types', 'absent.yaml'], /absent\.yaml: ENOENT/)
  refused(['types'], /stoa-node types FILE/)
  refused(['types', shipping, '--oops'], /--oops/)
})
