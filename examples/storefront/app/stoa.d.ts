// Made by `stoa-node types` from the experiment files: do not edit.
import 'stoa-node'

declare module 'stoa-node' {
  interface Experiments {
    readonly cart_progress: {
      readonly sentence: null
      readonly bar: null
    }
    readonly free_shipping: {
      readonly from_75: { readonly threshold: number }
      readonly from_50: { readonly threshold: number }
    }
    readonly product_promise: {
      readonly plain: null
      readonly free_returns: { readonly promise: string }
    }
  }
}
