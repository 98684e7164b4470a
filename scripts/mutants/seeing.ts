import type { Mutant } from './mutant.ts';

const at = (file: string, name: string) => ({ file, name });
const RUNS = 'test/unit/measure-run.test.ts';
const COUNT = 'test/unit/metric-count.test.ts';
const QUIET = 'test/infra/alarms-quiet.test.ts';
const FAILING = 'test/infra/alarms-failures.test.ts';

/** What on-call sees is what is; what is none of their business wakes nobody. */
export const SEEING: readonly Mutant[] = [
  {
    id: 'waves-page-each',
    promise: 'F5',
    guard: 'what comes and goes within half an hour is one page',
    file: 'lib/observability/alarm.ts',
    edits: [['export const HALF_AN_HOUR = 30;', 'export const HALF_AN_HOUR = 10;']],
    test: at(FAILING, 'F5, F12: is one page while it comes every few minutes'),
  },
  {
    id: 'late-metrics-blind',
    promise: 'F5',
    guard: 'guard hears of overload though the latest minutes of its metrics are not there yet',
    file: 'lib/observability/causes-ingress.ts',
    edits: [['datapoints: [2, 5]', 'datapoints: [2, 2]']],
    test: at(FAILING, 'are seen by what guard listens to'),
  },
  {
    id: 'request-not-followed',
    promise: 'P5',
    guard: 'every line of a request has its receipt and trace',
    file: 'lambdas/platform/serve.ts',
    edits: [['correlate({ receipt: request.receipt, trace: request.trace, ', 'correlate({ ']],
    test: at('test/unit/log-scrub.test.ts', 'every line has the keys by which it can be followed'),
  },
  {
    id: 'proof-silent',
    promise: 'F1',
    guard: 'a verify says its numbers, also where they are 0: that ends the alarm that another began',
    file: 'lambdas/conclude/measure-run.ts',
    edits: [["if (verb === 'verify') return { ackedMissing, manifestMismatches };", '']],
    test: at(RUNS, 'F1: of each verify how much is missing and broken, also that nothing is'),
  },
  {
    id: 'dry-run-proves',
    promise: 'F1',
    guard: 'a run that was only planned has proved nothing',
    file: 'lambdas/conclude/measure-run.ts',
    edits: [['if (request.dryRun || ', 'if (']],
    test: at(RUNS, 'nothing of a dry run'),
  },
  {
    id: 'zero-unsaid',
    promise: 'F3',
    guard: 'what is said once a run is said of 0 too',
    file: 'lambdas/platform/metrics.ts',
    edits: [
      [
        'for (const [name, value] of Object.entries(numbers)) metrics.addMetric(',
        'for (const [name, value] of Object.entries(numbers)) if (value !== 0) metrics.addMetric(',
      ],
    ],
    test: at(
      COUNT,
      'F3: what a run proved is written, also where it is 0; of what is counted all day 0 is not',
    ),
  },
  {
    id: 'metrics-by-request',
    promise: 'F13',
    guard: 'how many metrics there are does not depend on who sends what',
    file: 'lambdas/ingest/report-tally.ts',
    edits: [['count({ ...tally });', "count({ ...tally, ['at' + process.hrtime.bigint()]: 1 });"]],
    test: at(COUNT, 'F13: 10,000 devices make no more metrics than 300'),
  },
  {
    id: 'replay-late',
    promise: 'F5',
    guard: 'what recovery sends again is not late: it was received once before',
    file: 'lambdas/project/project-batch.ts',
    edits: [['  if (envelope.replay !== undefined) return;\n', '']],
    test: at('test/unit/late-events.test.ts', 'what recovery sends again is never late'),
  },
  {
    id: 'shedding-pages',
    promise: 'F5',
    guard: 'shedding spends no error budget',
    file: 'lib/observability/slos.ts',
    edits: [["'(FILL(bad, 0) - FILL(excused, 0))'", "'FILL(bad, 0)'"]],
    test: at(QUIET, 'requests that shedding answers with 503'),
  },
  {
    id: 'blip-pages',
    promise: 'F5',
    guard: 'a budget burns only where it does over a long window too',
    file: 'lib/observability/burn-rates.ts',
    edits: [
      [
        "all: [windowId(slo, rate, 'long'), windowId(slo, rate, 'short')]",
        "all: [windowId(slo, rate, 'short')]",
      ],
    ],
    test: at(QUIET, 'a blip'),
  },
];
