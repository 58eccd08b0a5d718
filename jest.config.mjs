/** Units beside their subjects, promises and e2e against the real stack, all in ESM. */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        target: 'es2022',
      },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    },
  ],
};

const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform,
  moduleNameMapper: {
    '^@orderstream/contracts/dto$': '<rootDir>/libs/contracts/src/dto/index.ts',
    '^@orderstream/stack$': '<rootDir>/stack/src/index.ts',
    '^@orderstream/(.*)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFilesAfterEnv: ['<rootDir>/test/time-limit.mjs'],
  modulePathIgnorePatterns: ['/dist/', '/\\.orderstream/'],
};

export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts', '<rootDir>/{stack,bench,tools/cli}/src/**/*.spec.ts'],
    },
    { ...shared, displayName: 'drift', testMatch: ['<rootDir>/test/drift/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'stack',
      testMatch: ['<rootDir>/test/{e2e,promises}/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/start-stack.mjs',
      globalTeardown: '<rootDir>/test/stop-stack.mjs',
    },
  ],
};
