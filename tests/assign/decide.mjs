// usage: node decide.mjs VISITS — decides what tests/rust/assign_differential.rs wrote, in every way of the Node package
// and of its edge module, and prints how often each agreed with Rust.
import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

import { Engine } from '../../stoa-node/lib/index.mjs'
import { EdgeEngine } from '../../stoa-node/lib/edge.mjs'

const tallies = {}

function add(way, found, expected, visit) {
  const tally = (tallies[way] ??= { decisions: 0, differences: 0, examples: [] })
  tally.decisions++
  if (found === expected) return
  tally.differences++
  if (tally.examples.length < 5) tally.examples.push(`${found}, not ${expected}: ${JSON.stringify(visit).slice(0, 2000)}`)
}

/** What the caller may hold of a visitor, by name. */
function* forms({ kind, text, hex }) {
  if (hex !== undefined) {
    yield ['bytes', Buffer.from(hex, 'hex')]
  } else if (text === undefined) {
    yield ['nothing', undefined]
  } else {
    yield ['text', text]
    yield ['bytes', Buffer.from(text)]
    if (kind !== 'text') yield ['object', JSON.parse(text)]
  }
}

function said({ variant, reason }) {
  return `${variant} ${reason}`
}

/** Half a surrogate pair counts as U+FFFD. */
function spellings(unit) {
  return unit.includes('\ufffd') ? [unit, unit.replaceAll('\ufffd', '\ud83d'), unit.replaceAll('\ufffd', '\udc00')] : [unit]
}

function decide(line) {
  const { bundle, plan, now, keys, variants, reasons, visits } = line
  const native = Engine.fromJSON(bundle)
  assert.deepEqual(native.plan(), plan)
  const engines = { 'Node, native': native, 'Node, edge': new EdgeEngine(plan) }
  const last = new Map(keys.map((key, i) => [key, i]))
  for (const visit of visits) {
    const expected = visit.answers.map(([variant, reason], i) => `${variants[i][variant] ?? null} ${reasons[reason]}`)
    const options = visit.memory === null ? { now } : { now, memory: visit.memory }
    for (const [name, engine] of Object.entries(engines)) {
      for (const [form, attributes] of forms(visit)) {
        for (const unit of spellings(visit.unit)) {
          const decisions = [...last].map(([key, i]) => {
            const decision = engine.decide(key, unit, attributes, options)
            add(`${name}, ${form}`, said(decision), expected[i], visit)
            return decision
          })
          if (visit.shown) {
            const all = engine.assign(unit, attributes, options).map((d) => `${d.experiment} ${said(d)}`)
            add(`${name}, all at once`, all.join(), visit.shown.map((i) => `${keys[i]} ${expected[i]}`).join(), visit)
          }
          add(`${name}, sticky memory`, engine.remember(visit.memory ?? undefined, decisions), visit.kept, visit)
        }
      }
    }
  }
}

for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) decide(JSON.parse(line))
console.log(JSON.stringify(tallies))
