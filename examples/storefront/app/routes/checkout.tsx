import { randomUUID } from 'node:crypto'

import { Form, redirect } from 'react-router'
import { stoaLoader } from 'stoa-node/react-router'

import { dollars, SHIPPING } from '../products'
import { keepCart, readCart, subtotal, type Cart } from '../server/cart.server'
import { emit } from '../server/events.server'
import { threshold } from '../server/offer.server'
import { Why, reasons } from '../why'
import type { Route } from './+types/checkout'

export const meta = () => [{ title: 'Checkout: Harbour & Field' }]

function bill(cart: Cart, freeFrom: number) {
  const goods = subtotal(cart)
  const shipping = goods >= freeFrom ? 0 : SHIPPING
  return { goods, shipping, total: goods + shipping }
}

export async function loader({ request, context }: Route.LoaderArgs) {
  const cart = await readCart(request)
  if (subtotal(cart) === 0) return redirect('/cart')
  const visit = await stoaLoader(context)
  const offer = visit.decide('free_shipping')
  return { bill: bill(cart, threshold(offer)), why: reasons(visit, offer) }
}

export async function action({ request, context }: Route.ActionArgs) {
  const cart = await readCart(request)
  if (subtotal(cart) === 0) return redirect('/cart')
  const visit = await stoaLoader(context)
  const { goods, shipping } = bill(cart, threshold(visit.decide('free_shipping')))
  const order = randomUUID()
  // Orders of people who look at a variant by a QA link are no evidence.
  if (!visit.qa) emit({ type: 'order', visitor: visit.visitorId, order, revenue: goods, shipping, items: cart })
  return redirect(`/orders/${order}`, { headers: await keepCart({}) })
}

export default function Checkout({ loaderData: { bill, why } }: Route.ComponentProps) {
  return (
    <>
      <h1>Checkout</h1>
      <dl className="bill">
        <dt>Goods</dt>
        <dd>{dollars(bill.goods)}</dd>
        <dt>Shipping</dt>
        <dd data-testid="shipping">{bill.shipping === 0 ? 'free' : dollars(bill.shipping)}</dd>
        <dt>Total</dt>
        <dd data-testid="total">{dollars(bill.total)}</dd>
      </dl>
      <Form method="post" className="fields">
        <label>
          Name
          <input name="name" autoComplete="name" required />
        </label>
        <label>
          Address
          <input name="address" autoComplete="street-address" required />
        </label>
        <p className="line">This shop is an example: nothing is paid, nothing is sent, and no name is kept.</p>
        <button>Place the order</button>
      </Form>
      <Why {...why} />
    </>
  )
}
