import type { Decision } from 'stoa-node'

/** From how many dollars shipping is free, as the variant says; the control's 75 where nothing can be decided. */
export function threshold({ payload }: Decision<'free_shipping'>): number {
  return payload?.threshold ?? 75
}
