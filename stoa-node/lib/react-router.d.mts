export * from './react-router.js';
