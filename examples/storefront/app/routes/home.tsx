import { Link } from 'react-router'

import { Picture } from '../picture'
import { dollars, products } from '../products'

export const meta = () => [{ title: 'Harbour & Field: things for the house' }]

// Nothing here depends on who asks, so any cache may keep the page.
export const headers = () => ({ 'cache-control': 'public, max-age=60' })

export default function Home() {
  return (
    <>
      <h1>Things for the house</h1>
      <ul className="shelf">
        {[...products.values()].map((product) => (
          <li key={product.id}>
            <Link to={`/products/${product.id}`} prefetch="intent">
              <Picture product={product} />
              <strong>{product.name}</strong>
              <span>{dollars(product.price)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}
