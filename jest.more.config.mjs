import everyday from './jest.config.mjs';

/** `npm run test:more`: short chaos and whatever else is too long for every `npm test`, on the same stack. */
const stack = everyday.projects.find(({ displayName }) => displayName === 'stack');

export default {
  projects: [{ ...stack, displayName: 'more', testMatch: ['<rootDir>/test/more/**/*.spec.ts'] }],
};
