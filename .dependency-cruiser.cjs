/**
 * Who may import whom. The layout is described in docs/ARCHITECTURE.md; each rule says why it is there.
 * Packages see each other through their built `dist`, so `npm run build` comes first.
 */

/** Code that reaches users: all of it except what only tests load. */
const SHIPPED = '^(apps|libs)/(?!testing/)[^/]+/src/';
const SPEC = '[.]spec[.]ts$';

/** The stages of an application from which `stage` must not import. */
const stageRule = (app, stage, forbidden, comment) => ({
  name: `${app}-${stage}-order`,
  comment,
  severity: 'error',
  from: { path: `^apps/${app}/src/${stage}/`, pathNot: SPEC },
  to: { path: `^apps/${app}/src/(${forbidden.join('|')})/` },
});

const general = [
  {
    name: 'no-circular',
    comment: 'Files that import each other can be neither read, nor tested, nor loaded in a known order, one by one.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'not-to-unresolvable',
    comment: 'An import that leads nowhere fails at start-up, on the machine of a user. Or the packages are not built.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'not-to-unlisted',
    comment: 'A package that is not in the own package.json is there by luck of hoisting and missing in the image.',
    severity: 'error',
    from: { path: SHIPPED, pathNot: SPEC },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'not-to-dev-dependencies',
    comment: 'Images are installed without devDependencies: what is imported from them is not there.',
    severity: 'error',
    from: { path: SHIPPED, pathNot: SPEC },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
  },
  {
    name: 'not-to-spec',
    comment: 'A spec that is imported runs its tests twice; what two specs share belongs into libs/testing.',
    severity: 'error',
    from: {},
    to: { path: SPEC },
  },
  {
    name: 'not-to-fixture',
    comment: 'A *.fixture.ts is a test double or test data; outside specs it has no place.',
    severity: 'error',
    from: { path: SHIPPED, pathNot: [SPEC, '[.]fixture[.]ts$'] },
    to: { path: '[.]fixture[.]ts$' },
  },
  {
    name: 'no-dead-file',
    comment: 'What cannot be reached from a main.ts or an index.ts is run by nobody but its own spec.',
    severity: 'error',
    from: { path: '^(apps|libs)/[^/]+/src/(main|index|dto/index)[.]ts$' },
    to: { path: SHIPPED, pathNot: [SPEC, '[.]fixture[.]ts$', '/(main|index)[.]ts$'], reachable: false },
  },
];

const packages = [
  {
    name: 'no-reach-into-package',
    comment: 'Packages meet at their names only; a path into another one makes its inside public for good.',
    severity: 'error',
    from: { path: '^((?:apps|libs)/[^/]+|stack|tools|test|bench)/' },
    to: { path: '^(libs/[^/]+|stack)/src/', pathNot: '^$1/' },
  },
  {
    name: 'contracts-is-the-ground',
    comment: 'Everything stands on libs/contracts. If it stood on one of ours, that one could never use it.',
    severity: 'error',
    from: { path: '^libs/contracts/' },
    to: { path: ['^(apps|stack|tools|test|bench)/', '^libs/(?!contracts/)'] },
  },
  {
    name: 'libs-not-to-apps',
    comment: 'apps → libs → contracts. A library that knows an application serves that one only.',
    severity: 'error',
    from: { path: '^libs/' },
    to: { path: '^apps/' },
  },
  {
    name: 'apps-not-to-each-other',
    comment:
      'The applications are deployed and scaled apart. They share Kafka, Cassandra and libs, never code of each other.',
    severity: 'error',
    from: { path: '^apps/([^/]+)/' },
    to: { path: '^apps/', pathNot: '^apps/$1/' },
  },
  {
    name: 'kafka-not-to-cassandra',
    comment:
      'libs/kafka carries bytes: it knows nothing of where they are stored, so either end can be tested without the other.',
    severity: 'error',
    from: { path: '^libs/kafka/' },
    to: { path: '^libs/cassandra/' },
  },
  {
    name: 'cassandra-not-to-kafka',
    comment:
      'libs/cassandra stores rows: it knows nothing of where they came from, so either end can be tested without the other.',
    severity: 'error',
    from: { path: '^libs/cassandra/' },
    to: { path: '^libs/kafka/' },
  },
  {
    name: 'kafkajs-only-in-libs-kafka',
    comment:
      'The traps of kafkajs (lost records, silent rebalances) are answered in one place. Tests and the raw rigs of bench/ look past it on purpose.',
    severity: 'error',
    from: { path: '^(apps|libs|stack|tools)/', pathNot: ['^libs/(kafka|testing)/', SPEC] },
    to: { path: '^node_modules/kafkajs/' },
  },
  {
    name: 'cassandra-driver-only-in-libs-cassandra',
    comment:
      'Each statement has its write time and its failure class because one library makes all of them. Tests and the raw rigs of bench/ look past it on purpose.',
    severity: 'error',
    from: { path: '^(apps|libs|stack|tools)/', pathNot: ['^libs/(cassandra|testing)/', SPEC] },
    to: { path: '^node_modules/cassandra-driver/' },
  },
  {
    name: 'testing-is-not-shipped',
    comment: 'libs/testing kills processes and cuts connections: nothing that users run may load it.',
    severity: 'error',
    from: { path: '^(apps|libs|stack|tools)/', pathNot: ['^libs/testing/', SPEC] },
    to: { path: '^libs/testing/' },
  },
  {
    name: 'stack-is-not-shipped',
    comment:
      'An application gets addresses of servers, and must run where the servers are not child processes of ours.',
    severity: 'error',
    from: { path: SHIPPED, pathNot: SPEC },
    to: { path: '^stack/' },
  },
];

const pure = [
  {
    name: 'streams-is-pure',
    comment:
      'libs/streams is pure: the same definition and row give the same record in the API, the sink, tests and elsewhere. So no Nest, no packages but luxon (time patterns and zones, docs/adr/0009), faker (lists of values, docs/adr/0014) and yaml (text of definitions, docs/adr/0018), no builtin except node:crypto (hashes) and node:buffer (is it UTF-8).',
    severity: 'error',
    from: { path: '^libs/streams/src/', pathNot: SPEC },
    to: {
      pathNot: [
        '^libs/(streams|contracts)/',
        '^(node:)?(crypto|buffer)$',
        '^node_modules/((@types/)?luxon|@faker-js/faker|yaml)/',
      ],
    },
  },
];

const stages = [
  stageRule(
    'ingest-api',
    'accept',
    ['generate', 'query', 'reconcile', 'operate'],
    'An upload goes accept → publish → track. Generated runs are its neighbour, and reading back is not its business.',
  ),
  stageRule(
    'ingest-api',
    'generate',
    ['accept', 'query', 'reconcile', 'operate'],
    'A run goes generate → publish → track. Uploads are its neighbour: what both need belongs to publish or a library.',
  ),
  stageRule(
    'ingest-api',
    'publish',
    ['accept', 'generate', 'reject', 'query', 'reconcile', 'operate'],
    'publish serves uploads and runs alike, so it knows neither of them.',
  ),
  stageRule(
    'ingest-api',
    'track',
    ['accept', 'generate', 'publish', 'reject', 'query', 'reconcile', 'operate'],
    'track is the end of the road: everybody reports to it, and it calls nobody back.',
  ),
  stageRule(
    'ingest-api',
    'query',
    ['accept', 'generate', 'publish', 'reconcile', 'operate'],
    'Reads answer from Cassandra on any replica, also on one that never took an upload.',
  ),
  stageRule(
    'ingest-api',
    'reconcile',
    ['accept', 'reject', 'query', 'operate'],
    'A reconciliation is a proof as that of a run is, and stands in its line; of publishing it needs what overrules.',
  ),
  stageRule(
    'ingest-api',
    'stats',
    ['accept', 'publish', 'reject', 'query', 'reconcile', 'operate'],
    'Statistics are read from buckets; a recount stands in the line of proofs, as that of a run does.',
  ),
  stageRule(
    'sink-worker',
    'rollup',
    ['consume', 'reject', 'operate'],
    'rollup counts what the stages before it have finished; it does not know how records came in or why they were refused.',
  ),
  stageRule(
    'sink-worker',
    'write',
    ['consume', 'reject', 'rollup', 'operate'],
    'write answers with an outcome per record. What is done about it is decided in the pipeline.',
  ),
  stageRule(
    'sink-worker',
    'derive',
    ['consume', 'reject', 'rollup', 'operate'],
    'derive publishes what write has stored, and answers with an outcome per record as write does.',
  ),
  stageRule(
    'sink-worker',
    'reject',
    ['consume', 'rollup', 'operate'],
    'reject makes letters of outcomes; it does not know how records came in.',
  ),
  stageRule(
    'sink-worker',
    'consume',
    ['write', 'reject', 'rollup'],
    'The stages are composed in pipeline.ts, on one screen. consume hands a batch to it and knows no other stage.',
  ),
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [...general, ...packages, ...pure, ...stages],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '^apps/dashboard/' },
    // An `import type` makes a reader follow it as much as any other import.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.spec.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      mainFields: ['main', 'module', 'types'],
    },
    reporterOptions: { text: { highlightFocused: true } },
  },
};
