/** What the shop sells. Prices in whole dollars. */
export interface Product {
  id: string
  name: string
  price: number
  line: string
  about: string
  /** Colour of the picture's ground, and its drawing as an SVG path on a 64 × 64 grid. */
  ground: string
  path: string
}

const all: Product[] = [
  {
    id: 'mug',
    name: 'Harbour mug',
    price: 18,
    line: 'Stoneware, 350 ml',
    about: 'Thrown in small batches and glazed inside and out. It keeps coffee warm and survives the dishwasher.',
    ground: '#dfe9ec',
    path: 'M16 20h26v24a8 8 0 0 1-8 8H24a8 8 0 0 1-8-8zM42 26h5a6 6 0 0 1 6 6v2a6 6 0 0 1-6 6h-5',
  },
  {
    id: 'bowl',
    name: 'Field bowl',
    price: 24,
    line: 'Stoneware, 18 cm',
    about: 'Deep enough for soup, wide enough for salad. Stacks without a wobble.',
    ground: '#efe6d8',
    path: 'M10 28h44a22 22 0 0 1-14 20v4H24v-4a22 22 0 0 1-14-20z',
  },
  {
    id: 'lamp',
    name: 'Reading lamp',
    price: 64,
    line: 'Oak and linen',
    about: 'A warm light for one chair and one book. The shade lifts off for washing.',
    ground: '#f3ead0',
    path: 'M22 12h20l8 20H14zM32 32v18M22 52h20',
  },
  {
    id: 'blanket',
    name: 'Winter blanket',
    price: 89,
    line: 'Lambswool, 140 × 200 cm',
    about: 'Woven from undyed wool. Heavy enough to feel, light enough to carry to the garden.',
    ground: '#e9dfe4',
    path: 'M14 16h36v32H14zM14 24h36M14 32h36M18 48v6M26 48v6M34 48v6M42 48v6',
  },
  {
    id: 'candle',
    name: 'Cedar candle',
    price: 22,
    line: 'Burns 40 hours',
    about: 'Rapeseed wax with cedar and a little smoke. The glass is a tumbler afterwards.',
    ground: '#e4ebdd',
    path: 'M22 28h20v24H22zM32 28v-6M32 12c4 4 4 8 0 10c-4-2-4-6 0-10z',
  },
  {
    id: 'vase',
    name: 'Stem vase',
    price: 36,
    line: 'Recycled glass, 22 cm',
    about: 'Made for three stems and no arranging.',
    ground: '#d9e8e3',
    path: 'M27 10h10v12c8 6 11 12 11 18a14 14 0 0 1-32 0c0-6 3-12 11-18z',
  },
  {
    id: 'stool',
    name: 'Kitchen stool',
    price: 120,
    line: 'Ash, 62 cm',
    about: 'Sits at a counter, stands in for a side table. Oiled, so that scratches can be mended.',
    ground: '#efe0d2',
    path: 'M16 18h32v6H16zM20 24l-4 30M44 24l4 30M19 40h26',
  },
  {
    id: 'notebook',
    name: 'Grid notebook',
    price: 12,
    line: '160 pages, lies flat',
    about: 'Thread-bound paper that takes ink without a shadow on the other side.',
    ground: '#dde3ee',
    path: 'M18 12h30v40H18zM24 12v40M30 22h12M30 30h12',
  },
]

/** By id, in the order of the shelf. */
export const products: ReadonlyMap<string, Product> = new Map(all.map((product) => [product.id, product]))

/** Price of shipping where it is not free. */
export const SHIPPING = 8

export function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`
}
