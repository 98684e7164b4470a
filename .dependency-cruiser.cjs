/** The structure of the code as rules: docs/design.md, "The way of an event". Run by `npm test`. @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment:
        'Modules that need each other are one module, or lack a third. Types alone vanish before they run.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment:
        'An import that leads nowhere. Of build/: run "npm run build" first. (Of aws-lambda there are only types.)',
      from: {},
      to: { couldNotResolve: true, pathNot: '^aws-lambda$' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment:
        'lambdas/domain is data in, data out: time, randomness and AWS come in through ports. (JMESPath and JSON Patch are pure.)',
      from: { path: '^lambdas/domain/' },
      to: {
        pathNot: [
          '^lambdas/domain/',
          '^(node:)?(crypto|buffer)$',
          '(^|/)node_modules/@aws-lambda-powertools/jmespath/',
          '(^|/)node_modules/rfc6902/',
        ],
      },
    },
    {
      name: 'adapters-know-domain-only',
      severity: 'error',
      comment: 'What adapters and platform offer is for every room; a room or a tool is not for them.',
      from: { path: '^lambdas/(adapters|platform)/' },
      to: {
        path: '^(lambdas|bin|lib|cli|bench|scripts|localstack|test|build)/',
        pathNot: '^lambdas/(domain|adapters|platform)/',
      },
    },
    {
      name: 'platform-needs-no-adapter',
      severity: 'error',
      from: { path: '^lambdas/platform/' },
      to: { path: '^lambdas/adapters/' },
    },
    {
      name: 'rooms-are-apart',
      severity: 'error',
      comment: 'What two rooms need is domain, adapter or platform.',
      from: { path: '^lambdas/(?!(?:domain|adapters|platform)/)([^/]+)/' },
      to: { path: '^lambdas/', pathNot: '^lambdas/($1|domain|adapters|platform)/' },
    },
    {
      name: 'only-handlers-compose',
      severity: 'error',
      comment:
        'Only handler.ts, the composition root, puts adapters and compiled contracts behind the ports.',
      from: { path: '^lambdas/(?!(?:domain|adapters|platform)/)[^/]+/(?!handler\\.ts$)' },
      to: { path: '^(lambdas/adapters|build)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'lambdas-need-no-tools',
      severity: 'error',
      comment: 'What is deployed does not know what builds, deploys, drives or tests it.',
      from: { path: '^lambdas/' },
      to: { path: '^(bin|lib|cli|bench|scripts|localstack|samples|test)/' },
    },
    {
      name: 'totals-are-independent',
      severity: 'error',
      comment: 'The expected totals are a second opinion: they share nothing with the code that they check.',
      from: { path: 'expected-totals\\.ts$' },
      to: { path: '^lambdas/' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^build/'] },
    exclude: { path: '^(cdk\\.out|coverage|\\.weir)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mts', '.mjs', '.js', '.cjs', '.json', '.d.mts'],
    },
  },
};
