// The cart lives in a cookie of the browser; prices and what exists are the shop's.
import { createCookie } from 'react-router'

import { products, type Product } from '../products'
import { SECRET } from './settings.server'

const cookie = createCookie('cart', { secrets: [SECRET], httpOnly: true, sameSite: 'lax', maxAge: 30 * 86_400 })
const MOST = 99

/** Product id → how many. */
export type Cart = Record<string, number>

/** One line of the cart. */
export interface Line {
  product: Product
  quantity: number
  total: number
}

export async function readCart(request: Request): Promise<Cart> {
  const found: unknown = await cookie.parse(request.headers.get('cookie'))
  if (typeof found !== 'object' || found === null) return {}
  return Object.fromEntries(Object.entries(found).filter(([id, n]) => products.has(id) && Number.isInteger(n) && n > 0))
}

export async function keepCart(cart: Cart): Promise<HeadersInit> {
  return { 'set-cookie': await cookie.serialize(cart) }
}

export function withQuantity(cart: Cart, id: string, quantity: number): Cart {
  const { [id]: _, ...others } = cart
  return quantity > 0 ? { ...others, [id]: Math.min(quantity, MOST) } : others
}

export function lines(cart: Cart): Line[] {
  return [...products.values()].flatMap((product) => {
    const quantity = cart[product.id] ?? 0
    return quantity > 0 ? [{ product, quantity, total: quantity * product.price }] : []
  })
}

export function subtotal(cart: Cart): number {
  return lines(cart).reduce((sum, { total }) => sum + total, 0)
}
