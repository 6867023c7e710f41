// What happened, as lines of JSON: what an analysis reads. A real shop writes to its warehouse here.
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { DATA } from './settings.server'

/** One thing that a visitor did. */
export type ShopEvent =
  | { type: 'add_to_cart'; visitor: string; product: string }
  | { type: 'order'; visitor: string; order: string; revenue: number; shipping: number; items: Record<string, number> }
  | { type: 'survey'; visitor: string; order: string; question: 'csat'; score: number }

/** Appends lines to `NAME.jsonl`. */
export async function append(name: string, lines: readonly object[]): Promise<void> {
  await mkdir(DATA, { recursive: true })
  await appendFile(join(DATA, `${name}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** Writes an event beside the request; an event that cannot be written does not cost the visitor the page. */
export function emit(event: ShopEvent): void {
  const line = { time: new Date().toISOString(), ...event }
  append('events', [line]).catch((error: unknown) => console.error('event not written:', error))
}
