export * from './duration.js';
export * from './headers.js';
export * from './job.js';
export * from './problem-codes.js';
export * from './rate.js';
export * from './row-faults.js';
export * from './page.js';
export * from './worker.js';
