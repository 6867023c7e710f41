import { index, route, type RouteConfig } from '@react-router/dev/routes'

export default [
  index('routes/home.tsx'),
  route('products/:product', 'routes/product.tsx'),
  route('cart', 'routes/cart.tsx'),
  route('checkout', 'routes/checkout.tsx'),
  route('orders/:order', 'routes/order.tsx'),
  route('about', 'routes/about.tsx'),
  route('as/:visitor', 'routes/as.ts'),
] satisfies RouteConfig
