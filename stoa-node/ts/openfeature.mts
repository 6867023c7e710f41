// The same module for `import`.
export * from './openfeature.js'
