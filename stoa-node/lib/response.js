"use strict";
// The two things done to a response: its caches are told that it is one visitor's, and its end is listened for.
Object.defineProperty(exports, "__esModule", { value: true });
exports.keepPrivate = keepPrivate;
exports.whenRead = whenRead;
/** Headers by which some caches are told otherwise than by Cache-Control. */
const SHARED = ['cdn-cache-control', 'surrogate-control', 'edge-control', 'x-accel-expires'].concat(['akamai', 'cloudflare', 'netlify', 'vercel'].flatMap((cdn) => [`${cdn}-cdn-cache-control`, `${cdn}-cache-control`]));
/**
 * Says on a response's headers that it is one visitor's own: no shared cache may keep it, and a browser asks again
 * before it shows it again. An app's own `private` or `no-store` stays as it is. {@link stoaMiddleware} does it to every
 * response whose loaders asked who the visitor is; call it where a variant reaches a response some other way.
 *
 * @example
 * ```ts
 * import { keepPrivate } from 'stoa-node/react-router'
 * const headers = new Headers({ 'cache-control': 'public, max-age=600' })
 * keepPrivate(headers)
 * headers.get('cache-control') // 'private, no-cache'
 * headers.get('vary') // 'Cookie'
 * ```
 */
function keepPrivate(headers) {
    const control = headers.get('cache-control') ?? '';
    if (!/\b(private(?!\s*=)|no-store)\b/i.test(control))
        headers.set('cache-control', 'private, no-cache');
    for (const name of SHARED)
        headers.delete(name);
    if (!/(^|,)\s*(cookie|\*)\s*(,|$)/i.test(headers.get('vary') ?? ''))
        headers.append('vary', 'Cookie');
}
/** The same body; `then` runs once, when it has been read to its end, has failed, or nobody reads on. */
function whenRead(body, then) {
    if (body === null) {
        setImmediate(then);
        return null;
    }
    const reader = body.getReader();
    const pull = async (controller) => {
        const { done, value } = await reader.read().catch((error) => {
            setImmediate(then);
            throw error;
        });
        if (!done)
            return controller.enqueue(value);
        controller.close();
        setImmediate(then);
    };
    const cancel = (reason) => {
        setImmediate(then);
        return reader.cancel(reason);
    };
    return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}
