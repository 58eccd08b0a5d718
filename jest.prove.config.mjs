import everyday from './jest.config.mjs';

/** `npm run prove`: the long forms, against the real stack. They write docs/proof/. */
const stack = everyday.projects.find(({ displayName }) => displayName === 'stack');

export default {
  projects: [{ ...stack, displayName: 'prove', testMatch: ['<rootDir>/test/prove/**/*.spec.ts'] }],
};
