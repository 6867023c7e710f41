import { data, Form, Link } from 'react-router'
import { stoaLoader } from 'stoa-node/react-router'

import { dollars, SHIPPING } from '../products'
import { keepCart, lines, readCart, subtotal, withQuantity } from '../server/cart.server'
import { threshold } from '../server/offer.server'
import { Why, reasons } from '../why'
import type { Route } from './+types/cart'

export const meta = () => [{ title: 'Cart: Harbour & Field' }]

export async function loader({ request, context }: Route.LoaderArgs) {
  const visit = await stoaLoader(context)
  const progress = visit.decide('cart_progress')
  const offer = visit.decide('free_shipping')
  const cart = await readCart(request)
  return {
    lines: lines(cart),
    subtotal: subtotal(cart),
    freeFrom: threshold(offer),
    bar: progress.variant === 'bar',
    why: reasons(visit, progress, offer),
  }
}

export async function action({ request }: Route.ActionArgs) {
  const form = await request.formData()
  const cart = withQuantity(await readCart(request), String(form.get('product')), Number(form.get('quantity')) || 0)
  return data(null, { headers: await keepCart(cart) })
}

function Progress({ subtotal, freeFrom, bar }: { subtotal: number; freeFrom: number; bar: boolean }) {
  const left = freeFrom - subtotal
  const words = left > 0 ? `${dollars(left)} more and shipping is free` : 'Shipping is free'
  if (!bar) return <p data-testid="progress">{words}</p>
  return (
    <p data-testid="progress">
      <label htmlFor="progress">{words}</label>
      <progress id="progress" max={freeFrom} value={Math.min(subtotal, freeFrom)} />
    </p>
  )
}

export default function Cart({ loaderData: { lines, subtotal, freeFrom, bar, why } }: Route.ComponentProps) {
  return (
    <>
      <h1>Your cart</h1>
      {lines.length === 0 ? (
        <p>
          Nothing here yet. <Link to="/">Look at the shelf</Link>
        </p>
      ) : (
        <table className="cart">
          <thead>
            <tr>
              <th scope="col">Product</th>
              <th scope="col">How many</th>
              <th scope="col">Total</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ product, quantity, total }) => (
              <tr key={product.id}>
                <td>
                  <Link to={`/products/${product.id}`}>{product.name}</Link>
                </td>
                <td>
                  <Form method="post" className="quantity">
                    <input type="hidden" name="product" value={product.id} />
                    <input
                      key={quantity}
                      type="number"
                      name="quantity"
                      min="0"
                      max="99"
                      defaultValue={quantity}
                      aria-label={`How many of ${product.name}`}
                    />
                    <button className="quiet">Change</button>
                  </Form>
                </td>
                <td>{dollars(total)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={2}>
                Subtotal
              </th>
              <td>{dollars(subtotal)}</td>
            </tr>
          </tfoot>
        </table>
      )}
      <Progress subtotal={subtotal} freeFrom={freeFrom} bar={bar} />
      {subtotal > 0 && subtotal < freeFrom && <p className="line">Shipping is {dollars(SHIPPING)} until then.</p>}
      {lines.length > 0 && (
        <Link className="button" to="/checkout">
          Go to checkout
        </Link>
      )}
      <Why {...why} />
    </>
  )
}
