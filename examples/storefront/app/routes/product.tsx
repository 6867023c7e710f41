import { data, Form, redirect } from 'react-router'
import { stoaLoader } from 'stoa-node/react-router'

import { Picture } from '../picture'
import { dollars, products } from '../products'
import { keepCart, readCart, withQuantity } from '../server/cart.server'
import { emit } from '../server/events.server'
import { threshold } from '../server/offer.server'
import { Why, reasons } from '../why'
import type { Route } from './+types/product'

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${loaderData?.product.name ?? 'Not here'}: Harbour & Field` },
]

function find(id: string) {
  const product = products.get(id)
  if (!product) throw data('No such product', { status: 404 })
  return product
}

export async function loader({ params, context }: Route.LoaderArgs) {
  const product = find(params.product)
  const visit = await stoaLoader(context)
  const promise = visit.decide('product_promise')
  const offer = visit.decide('free_shipping')
  return {
    product,
    promise: promise.payload?.promise,
    freeFrom: threshold(offer),
    why: reasons(visit, promise, offer),
  }
}

export async function action({ params, request, context }: Route.ActionArgs) {
  const { id } = find(params.product)
  const { visitorId } = await stoaLoader(context)
  const cart = await readCart(request)
  emit({ type: 'add_to_cart', visitor: visitorId, product: id })
  return redirect('/cart', { headers: await keepCart(withQuantity(cart, id, (cart[id] ?? 0) + 1)) })
}

export default function Product({ loaderData: { product, promise, freeFrom, why } }: Route.ComponentProps) {
  return (
    <>
      <article className="product">
        <Picture product={product} />
        <div>
          <h1>{product.name}</h1>
          <p className="line">{product.line}</p>
          <p className="price">{dollars(product.price)}</p>
          <p>{product.about}</p>
          <Form method="post">
            <button>Put into the cart</button>
          </Form>
          {promise && (
            <p className="note" data-testid="promise">
              {promise}
            </p>
          )}
          <p className="line" data-testid="offer">
            Free shipping from {dollars(freeFrom)}
          </p>
        </div>
      </article>
      <Why {...why} />
    </>
  )
}
