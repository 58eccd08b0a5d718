import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The sizes are the ones at which work stops; the ones to aim at are lower (CONTRIBUTING.md). */
const SIZES = {
  'max-lines': ['error', { max: 300 }],
  'max-lines-per-function': ['error', { max: 50 }],
  'max-depth': ['error', 4],
  complexity: ['error', 15],
};

/** What ESLint itself finds in any JavaScript. For TypeScript the compiler and typescript-eslint go further. */
const CORE = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-async-promise-executor': 'error',
  'no-cond-assign': 'error',
  'no-constant-condition': ['error', { checkLoops: false }],
  'no-control-regex': 'error',
  'no-empty': ['error', { allowEmptyCatch: false }],
  'no-else-return': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-misleading-character-class': 'error',
  'no-loss-of-precision': 'error',
  'no-param-reassign': ['error', { props: false }],
  'no-self-compare': 'error',
  'no-unreachable-loop': 'error',
  'no-unsafe-finally': 'error',
  'no-sparse-arrays': 'error',
  'no-useless-catch': 'error',
  'no-useless-escape': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  // An error that replaces another keeps it as its cause.
  'preserve-caught-error': 'error',
  'require-yield': 'error',
};

const UNUSED = { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true };

const TYPES = {
  '@typescript-eslint/consistent-type-definitions': 'off',
  // Files with decorators are left alone by the rule itself: Nest reads the classes of their constructors at run time.
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
  '@typescript-eslint/no-unused-vars': ['error', UNUSED],
  '@typescript-eslint/prefer-readonly': 'error',
  // Without await, a rejection in this function leaves past its own catch and finally.
  '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
  // `async` also turns a throw into a rejection, which callers rely on where nothing is awaited.
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
};

const PARAMETERS = [
  {
    selector: ':matches(FunctionDeclaration, ArrowFunctionExpression)[params.length>4]',
    message: 'At most 4 parameters: pass an object whose names say what they are.',
  },
  {
    selector: ':not(MethodDefinition[kind="constructor"]) > FunctionExpression[params.length>4]',
    message: 'At most 4 parameters: pass an object whose names say what they are.',
  },
  {
    selector: 'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>5]',
    message: 'At most 5 injected collaborators: this class does more than one thing.',
  },
];

const NAMES = [
  {
    selector:
      ':matches(ClassDeclaration, TSInterfaceDeclaration)[id.name=/(Manager|Helper|Utils?)$|^Base[A-Z]|^I[A-Z][a-z]/]',
    message: 'A name says what the thing is for: no Manager, Helper, Util, Base…, I….',
  },
];

const MODULE_STATE = [
  {
    selector: ':matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind="let"]',
    message: 'No mutable state of a module: two instances of the application (every test) would share it.',
  },
];

const ENVIRONMENT = {
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: 'Only main.ts reads the environment; take typed options instead.' },
  ],
  'no-restricted-imports': [
    'error',
    { paths: [{ name: 'node:process', message: 'Use the global; only main.ts reads its environment.' }] },
  ],
};

/** A pure folder gives the same answer for the same arguments, so it has no clock, dice, environment or network. */
const PURE = {
  'no-restricted-globals': [
    'error',
    ...['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto'].map((name) => ({
      name,
      message: 'This folder is pure: take what you need as an argument.',
    })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'This folder is pure: take the time as an argument.' },
    { object: 'Math', property: 'random', message: 'This folder is pure: take the random source as an argument.' },
  ],
  'no-restricted-syntax': [
    'error',
    ...PARAMETERS,
    ...NAMES,
    ...MODULE_STATE,
    {
      selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
      message: 'Pure: take the time as an argument.',
    },
    { selector: 'CallExpression[callee.name="Date"]', message: 'Pure: take the time as an argument.' },
  ],
};

const NO_SLEEP = {
  'no-restricted-syntax': [
    'error',
    {
      selector:
        'NewExpression[callee.name="Promise"] CallExpression[callee.name="setTimeout"][arguments.0.type="Identifier"]',
      message: 'Tests do not sleep: await the condition (eventually() of @orderstream/testing).',
    },
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: [
        { name: 'node:timers/promises', message: 'Tests do not sleep: await the condition (@orderstream/testing).' },
        { name: 'timers/promises', message: 'Tests do not sleep: await the condition (@orderstream/testing).' },
      ],
    },
  ],
};

const SHIPPED = ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'];
const TESTS = ['**/*.spec.ts', 'test/**/*.ts'];
const NODE_GLOBALS = [
  ...['AbortController', 'AbortSignal', 'Buffer', 'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams'],
  ...[
    'clearInterval',
    'clearTimeout',
    'setImmediate',
    'setInterval',
    'setTimeout',
    'queueMicrotask',
    'structuredClone',
  ],
  ...['console', 'fetch', 'performance', 'process', 'Response', 'Request', 'FormData', 'Blob'],
];

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', '.orderstream/', 'coverage/', 'samples/', 'bench/results/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,mjs,cjs,js}'],
    rules: { ...CORE, ...SIZES, 'no-restricted-syntax': ['error', ...PARAMETERS, ...NAMES] },
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
    rules: { 'no-undef': 'error', 'no-unused-vars': ['error', UNUSED] },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', __dirname: 'readonly' },
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    // One program over everything, as `check:types` has it; the packages see each other through their built types.
    languageOptions: { parserOptions: { project: ['tsconfig.spec.json'], tsconfigRootDir: import.meta.dirname } },
    rules: TYPES,
  },
  {
    files: SHIPPED,
    rules: {
      ...ENVIRONMENT,
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...PARAMETERS, ...NAMES, ...MODULE_STATE],
    },
  },
  { files: ['libs/streams/src/**/*.ts'], rules: PURE },
  { files: ['apps/*/src/{main,config}.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['libs/testing/src/**/*.ts'], rules: { 'no-restricted-properties': 'off', 'no-console': 'off' } },
  {
    files: TESTS,
    rules: {
      ...NO_SLEEP,
      complexity: 'off',
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': 'off',
      'no-unreachable-loop': 'off',
      'no-console': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
      // Answers over HTTP and matchers of Jest are `any`: the test says what it expects of them.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
