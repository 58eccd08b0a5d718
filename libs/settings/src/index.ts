export * from './common-settings.js';
export * from './definition-files.js';
export * from './read-settings.js';
export * from './setting.js';
export * from './start-failure.js';
