// What the test files share: the vectors of the three languages, and the truth that only developers have.
import { existsSync, readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)

export function vectors(name) {
  return JSON.parse(readFileSync(new URL(`tests/vectors/${name}.json`, root), 'utf8'))
}

/** Options of a test that needs `../shared/NAME`, and the reader of it. */
export function truth(name) {
  const path = new URL(`../shared/${name}`, root)
  const skip = existsSync(path) ? false : `../shared/${name} is not on this machine`
  return { options: { skip }, read: () => JSON.parse(readFileSync(path, 'utf8')) }
}

/** What a call throws, or rejects with; undefined when it does neither. */
export async function thrown(run) {
  try {
    await run()
  } catch (error) {
    return error
  }
  return undefined
}
