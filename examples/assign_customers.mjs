// Decides for every customer of a file, as a storefront would: the bundle is loaded once, then asked per visitor.
//
// usage: node assign_customers.mjs BUNDLE RULE CUSTOMERS EXPERIMENT
//   BUNDLE      bundle.json, the same file Python wrote and a storefront loads
//   RULE        a segment's rule as JSON
//   CUSTOMERS   one {"id": ..., "attributes": {...}} per line
// prints one line per customer: id,member,variant,reason
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { Engine, Rule } = createRequire(import.meta.url)('../stoa-node')

const [bundle, ruleFile, customersFile, experiment] = process.argv.slice(2)
const engine = Engine.fromJSON(readFileSync(bundle))
const rule = Rule.fromJSON(readFileSync(ruleFile, 'utf8'))

const lines = []
for (const line of readFileSync(customersFile, 'utf8').split('\n')) {
  if (line === '') continue
  const { id, attributes } = JSON.parse(line)
  const { variant, reason } = engine.decide(experiment, id, attributes)
  lines.push(`${id},${rule.matches(attributes)},${variant},${reason}`)
}
process.stdout.write(lines.join('\n') + '\n')
