// For a look around: be a visitor whose attributes are in Redis, or somebody new. A real shop has no such page.
import { redirect } from 'react-router'

import type { Route } from './+types/as'

export function loader({ params, request }: Route.LoaderArgs) {
  const known = /^visitor-\d{1,3}$/.test(params.visitor)
  const headers = new Headers({ 'cache-control': 'no-store' })
  const life = known ? 'Max-Age=34560000' : 'Max-Age=0'
  headers.append('set-cookie', `stoa_visitor=${known ? params.visitor : ''}; Path=/; HttpOnly; SameSite=Lax; ${life}`)
  const { origin } = new URL(request.url)
  const from = request.headers.get('referer') ?? ''
  return redirect(from.startsWith(`${origin}/`) ? from.slice(origin.length) : '/cart', { headers })
}
