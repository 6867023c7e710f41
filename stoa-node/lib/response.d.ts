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
export declare function keepPrivate(headers: Headers): void;
/** The same body; `then` runs once, when it has been read to its end, has failed, or nobody reads on. */
export declare function whenRead(body: ReadableStream<Uint8Array> | null, then: () => void): ReadableStream<Uint8Array> | null;
