export * from './duration.validator.js';
export * from './generate.query.js';
export * from './ingest.query.js';
export * from './job.query.js';
export * from './job-row.params.js';
export * from './list.query.js';
export * from './order.query.js';
export * from './repair.query.js';
