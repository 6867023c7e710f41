// The built shop behind Node's own HTTP server. Started from this folder: HOST, PORT, and app/server/settings.server.ts.
import { createServer } from 'node:http'

import { createRequestListener } from '@react-router/node'
import sirv from 'sirv'

import * as build from './build/server/index.js'

const files = sirv('build/client', { immutable: true, maxAge: 31_536_000 })
const pages = createRequestListener({ build, mode: 'production' })

createServer((request, response) => files(request, response, () => pages(request, response))).listen(
  Number(process.env.PORT ?? 3000),
  process.env.HOST ?? '127.0.0.1',
)
