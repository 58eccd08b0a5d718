export * from './app-process.js';
export * from './eventually.js';
export * from './sandbox.js';
