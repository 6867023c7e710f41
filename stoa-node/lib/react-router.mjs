// The same module for `import`: one copy of every class, however a program loads the package.
export * from './react-router.js';
