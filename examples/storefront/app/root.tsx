import type { ReactNode } from 'react'
import { isRouteErrorResponse, Link, Links, Meta, NavLink, Outlet, Scripts, ScrollRestoration } from 'react-router'

import type { Route } from './+types/root'
import stylesheet from './app.css?url'
import { stoa } from './server/stoa.server'

export const middleware: Route.MiddlewareFunction[] = [stoa]

export const links: Route.LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <Meta />
        <Links />
      </head>
      <body>
        <a className="skip" href="#content">
          Skip to content
        </a>
        <header>
          <Link className="brand" to="/">
            Harbour &amp; Field
          </Link>
          <nav aria-label="Shop">
            <NavLink to="/" end>
              Shelf
            </NavLink>
            <NavLink to="/about">About</NavLink>
            <NavLink to="/cart">Cart</NavLink>
          </nav>
        </header>
        <main id="content">{children}</main>
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  )
}

export default function App() {
  return <Outlet />
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  const found = isRouteErrorResponse(error)
  return (
    <>
      <title>Sorry</title>
      <h1>{found && error.status === 404 ? 'We do not have that' : 'Something went wrong'}</h1>
      <p>
        <Link to="/">Back to the shelf</Link>
      </p>
    </>
  )
}
