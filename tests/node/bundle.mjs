// The small bundle that examples and tests share.
export const experiment = {
  key: 'free_shipping',
  surface: 'shipping_offer',
  status: 'running',
  variants: [{ key: 'A' }, { key: 'B', payload: { threshold: 50 } }],
  targeting: { segment: 'repeat_na' },
  metrics: {
    revenue: { metric: 'revenue_per_visitor' },
    satisfaction: { metric: 'csat' },
  },
}

export const segments = [
  {
    key: 'repeat_na',
    rule: {
      all: [
        { attr: 'orders_count', op: 'gte', value: 2 },
        { attr: 'country', op: 'in', value: ['CA', 'US'] },
      ],
    },
  },
]

export const bundle = { schema_version: 1, experiments: [experiment], segments }
