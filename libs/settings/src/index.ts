export * from './common-settings.js';
export * from './read-settings.js';
export * from './setting.js';
