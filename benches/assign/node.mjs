// One targeted two-variant decision in Node.js, beside the peers' (METHODS, assignment): processor time of the process per
// call, in rounds that take turns: the fastest tenth of the turns, because neighbours on the machine slow the others by
// half, and the median over the rounds of how many times the first's figure it was, which a slow round does not change.
// Prints a table and writes target/bench/assign_node.json.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import * as peers from './peers.mjs'
import { bundleOf, experiment, visitorsOf } from './store.mjs'

const { Engine } = createRequire(import.meta.url)('../../stoa-node')

const VISITORS = 5_000
const ROUNDS = 51
/** Processor time of one turn that its clock, of microseconds, measures well. */
const TURN_NS = 20e6

const engine = Engine.fromJSON(bundleOf([experiment('free_shipping')]))
const fifty = Engine.fromJSON(bundleOf(Array.from({ length: 50 }, (_, i) => experiment(`experiment_${i}`))))

/** Ours, each on the way that attributes take to it. */
function ours(visitors) {
  const x = engine.experiment('free_shipping')
  const variantOf = x.positional('orders_count', 'country')
  const ids = visitors.map(({ id }) => id)
  const objects = visitors.map(({ attributes }) => attributes)
  const counts = objects.map(({ orders_count }) => orders_count)
  const countries = objects.map(({ country }) => country)
  const texts = objects.map((object) => JSON.stringify(object))
  const buffers = visitors.map(({ cached }) => cached)
  return {
    'stoa, arguments': (i) => variantOf(ids[i], counts[i], countries[i]),
    'stoa, object': (i) => x.variantIndex(ids[i], objects[i]),
    'stoa, object, decision': (i) => engine.decide('free_shipping', ids[i], objects[i]).variant,
    'stoa, JSON text': (i) => x.variantIndex(ids[i], texts[i]),
    'stoa, 200-byte Buffer': (i) => x.variantIndex(ids[i], buffers[i]),
    'stoa, 50 experiments, object': (i) => fifty.assign(ids[i], objects[i]).length,
    'stoa, 50 experiments, Buffer': (i) => fifty.assign(ids[i], buffers[i]).length,
    'stoa, batch of ids, a visitor': batch(engine, ids),
  }
}

/** A turn of a batch decides all visitors at once, whichever is asked for first. */
function batch(engine, ids) {
  return (i) => (i === 0 ? engine.assignBatch('free_shipping', ids).length : 0)
}

function turn(run, calls) {
  let kept = 0
  const before = process.cpuUsage()
  for (let i = 0, at = 0; i < calls; i += 1, at = at + 1 === VISITORS ? 0 : at + 1) kept += run(at) === 'B' ? 1 : 0
  const { user, system } = process.cpuUsage(before)
  return { ns: ((user + system) * 1000) / calls, kept }
}

/** Nanoseconds a call and their ratio to the first subject's, by subject. */
function measure(subjects) {
  const turns = Object.entries(subjects).map(([name, run]) => {
    turn(run, VISITORS)
    const calls = VISITORS * Math.ceil(TURN_NS / turn(run, VISITORS).ns / VISITORS)
    return { name, run, calls, ns: [] }
  })
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of turns) one.ns.push(turn(one.run, one.calls).ns)
  }
  const first = turns[0].ns
  const figures = ({ ns }) => ({ ns: quantile(ns, 0.1), of_first: quantile(ns.map((x, round) => x / first[round]), 0.5) })
  return Object.fromEntries(turns.map((one) => [one.name, figures(one)]))
}

function quantile(values, q) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * q)]
}

async function subjects(visitors) {
  const made = {}
  for (const [name, peer] of Object.entries(peers)) made[name] = await peer(visitors)
  return { ...ours(visitors), ...made }
}

const [pass, mixed] = [visitorsOf(VISITORS, true), visitorsOf(VISITORS, false)]
const figures = { pass: measure(await subjects(pass)), mixed: measure(await subjects(mixed)) }
const memory = JSON.parse(spawnSync(process.execPath, ['--expose-gc', 'memory.mjs', '1000000'], { cwd: import.meta.dirname }).stdout)

const rows = Object.entries(figures.pass).map(([id, { ns, of_first }]) => ({ id, pass_ns: ns, mixed_ns: figures.mixed[id].ns, of_first }))
const line = (...cells) => console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(36) : cell.padStart(9))).join(''))
line(`CPU ns a call, Node.js ${process.versions.node}`, 'pass', 'mixed', 'of first')
for (const { id, pass_ns, mixed_ns, of_first } of rows) line(id, pass_ns.toFixed(0), mixed_ns.toFixed(0), `${of_first.toFixed(1)}x`)
console.log(`most extra memory over ${memory.visitors.toLocaleString('en')} distinct visitors: ${memory.extra_mb} MB`)

const folder = new URL('../../target/bench/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('assign_node.json', folder), `${JSON.stringify({ name: 'assign_node', node: process.versions.node, rows, memory }, null, 2)}\n`)
process.exit()
