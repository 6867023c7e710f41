/**
 * Decisions where native code cannot run: Cloudflare Workers, Vercel's edge, Deno, browsers. No dependency and nothing of
 * Node's; a few kilobytes. `engine.plan()` of `stoa-node` makes what it reads.
 *
 * @module
 */
export { EdgeEngine, EdgeExperiment } from './edge/engine.mjs';
