// Checks the experiments and segments of this folder and writes the bundle that the shop serves.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Engine } from 'stoa-node'

const documents = (folder) => readdirSync(folder).sort().map((name) => readFileSync(join(folder, name)))

const engine = Engine.fromDocuments({ experiments: documents('experiments'), segments: documents('segments') })
mkdirSync('build', { recursive: true })
writeFileSync(join('build', 'bundle.json'), JSON.stringify(engine))
console.log(`build/bundle.json  version ${engine.version}`)
