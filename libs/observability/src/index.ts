export * from './http-metrics.js';
export * from './logger.js';
export * from './metric-catalogue.js';
export * from './metrics.controller.js';
export * from './metrics.js';
