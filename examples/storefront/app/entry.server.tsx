// No page waits for anything once its loaders are done, so every page is sent whole, with its length.
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'

import { renderToPipeableStream } from 'react-dom/server'
import { ServerRouter, type EntryContext } from 'react-router'

export default function handleRequest(request: Request, status: number, headers: Headers, router: EntryContext) {
  return new Promise<Response>((resolve, reject) => {
    const { pipe } = renderToPipeableStream(<ServerRouter context={router} url={request.url} />, {
      async onAllReady() {
        const page = await buffer(pipe(new PassThrough()))
        headers.set('content-type', 'text/html; charset=utf-8')
        headers.set('content-length', String(page.length))
        resolve(new Response(page, { status, headers }))
      },
      onShellError: reject,
      onError: (error) => console.error(error),
    })
  })
}
