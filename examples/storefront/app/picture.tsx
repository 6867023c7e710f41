import type { Product } from './products'

export function Picture({ product }: { product: Product }) {
  return (
    <svg className="picture" viewBox="0 0 64 64" role="img" aria-label={`Drawing of the ${product.name}`}>
      <rect width="64" height="64" fill={product.ground} />
      <path d={product.path} fill="none" stroke="#26343a" strokeWidth="1.2" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  )
}
