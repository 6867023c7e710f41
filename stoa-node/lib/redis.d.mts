/** Attributes of visitors from Redis, inside a request. */
export * from './redis.js';
