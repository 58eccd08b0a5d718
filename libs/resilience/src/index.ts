export * from './backoff.js';
export * from './limiter.js';
export * from './retry.js';
export * from './wait.js';
