export { addValues, type BucketKey, type BucketValues, type SlotValues } from './bucket.js';
export * from './bucket-keys.js';
export { bucketId, gainsOf, type BucketGain } from './bucket-sums.js';
export { DecimalSum } from './decimal-sum.js';
export { MAX_PRODUCTS } from './product-list.js';
export { MAX_SAMPLES, type Sample } from './stats-cell.js';
export { StatsFold, type FoldOptions } from './stats-fold.js';
export { statsShapeOf, type StatsShape } from './stats-shape.js';
