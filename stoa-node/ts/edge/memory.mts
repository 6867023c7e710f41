// What a visitor of sticky experiments has been shown, as a cookie carries it: `KEY.RUN.VARIANT`, joined by `~`. The same
// text as the native engine's.
import type { Decision } from '../decision.js'
import type { Entry } from './checks.mjs'

/** Index of the experiment → index of its variant; an entry that this plan does not know is nothing. */
export function recall(text: unknown, entries: readonly Entry[], index: ReadonlyMap<string, number>): Map<number, number> {
  const shown = new Map<number, number>()
  if (typeof text !== 'string') return shown
  for (const part of text.split('~')) {
    const [key = '', run, variant, ...more] = part.split('.')
    const at = index.get(key)
    const entry = at === undefined ? undefined : entries[at]
    const found = entry?.variants.findIndex((arm) => arm.key === variant) ?? -1
    if (at !== undefined && more.length === 0 && found >= 0 && entry?.ready?.run === run) shown.set(at, found)
  }
  return shown
}

/** The text to keep: what was shown before, and what these decisions assigned. */
export function remember(
  shown: Map<number, number>,
  decisions: readonly Decision[],
  entries: readonly Entry[],
  index: ReadonlyMap<string, number>,
): string {
  for (const { experiment, variant, reason } of decisions) {
    const at = index.get(experiment)
    const found = at === undefined ? -1 : entries[at]!.variants.findIndex((arm) => arm.key === variant)
    if (at !== undefined && reason === 'assigned' && found >= 0) shown.set(at, found)
  }
  const kept = entries.map(({ key, variants, ready }, at) => {
    const variant = variants[shown.get(at) ?? -1]
    return ready && ready.run !== null && variant ? [`${key}.${ready.run}.${variant.key}`] : []
  })
  return kept.flat().join('~')
}
