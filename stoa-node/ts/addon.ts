// Loads the native binary of this platform: beside the package when built here, or from its per-platform package.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type * as Native from '../lib/native'

/** Names of this platform's binaries, as N-API spells them; on Linux the one that was installed tells the libc. */
function triples(): string[] {
  const { platform, arch } = process
  if (platform === 'linux') return [`linux-${arch}-gnu`, `linux-${arch}-musl`]
  return [platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`]
}

/** Where a package of that name would be loaded from; undefined when it is not installed. */
function installed(name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

function load(): typeof Native {
  for (const triple of triples()) {
    const built = join(__dirname, '..', `stoa.${triple}.node`)
    const binary = existsSync(built) ? built : installed(`stoa-node-${triple}`)
    if (binary !== undefined) return require(binary) as typeof Native
  }
  throw new Error(
    `stoa-node has no native binary for ${triples().join(' or ')}: run \`npm ci && npm run build\` in stoa-node ` +
      '(or `make test-node` at the root); it needs Rust and Node.js >= 20.17',
  )
}

/** The native addon. */
export const native = load()
