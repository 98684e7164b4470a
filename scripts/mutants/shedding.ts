import type { Mutant } from './mutant.ts';

const at = (file: string, name: string) => ({ file, name });
const ANY = 'test/property/shedding.property.test.ts';
const CASES = 'test/unit/shedding.test.ts';

/** What is shed is what may be, leaves no trace, and is told to its sender; and to steer is never what fails. */
export const SHEDDING: readonly Mutant[] = [
  {
    id: 'critical-shed',
    promise: 'F5',
    guard: 'critical events are never shed',
    file: 'lambdas/domain/control/shed-event.ts',
    edits: [["if (priority === 'critical') return undefined;", '']],
    test: at(ANY, 'F5: critical events are accepted whatever the level and the budget'),
  },
  {
    id: 'shed-event-written',
    promise: 'P3',
    guard: 'what is shed is not written: its sender sends it again',
    file: 'lambdas/ingest/plan-records.ts',
    edits: [["if (verdict.kind === 'shed') continue;", '']],
    test: at(ANY, 'P3: what is shed leaves no trace, and everything else fares as if nothing were steered'),
  },
  {
    id: 'shed-event-untold',
    promise: 'P3',
    guard: 'what is shed is named in the answer',
    file: 'lambdas/ingest/answer-items.ts',
    edits: [
      [
        "if (kept && verdict.kind === 'accepted') continue;",
        "if (kept && (verdict.kind === 'accepted' || verdict.kind === 'shed')) continue;",
      ],
    ],
    test: at(ANY, 'P3: each shed event is named once, with when to send it again, and the answer adds up'),
  },
  {
    id: 'shed-by-request',
    promise: 'F5',
    guard: 'where a part is shed, each event is drawn by itself',
    file: 'lambdas/domain/control/shed-event.ts',
    edits: [
      ['return (priority) => {', 'const drawn = random.fraction();\n  return (priority) => {'],
      ['random.fraction() < overBudget', 'drawn < overBudget'],
      ['random.fraction() < shareShed', 'drawn < shareShed'],
    ],
    test: at(ANY, 'F5: where a part is shed, each event has its chance each time that it is sent'),
  },
  {
    id: 'suspension-overruled',
    promise: 'F9',
    guard: 'of two ways in which a producer is held the stricter one counts',
    file: 'lambdas/domain/control/shed-event.ts',
    edits: [['|| strictness(how) > strictness(known)', '|| strictness(how) < strictness(known)']],
    test: at(CASES, 'that is over budget too is suspended, whichever stands first'),
  },
  {
    id: 'suspension-of-a-neighbour',
    promise: 'P6',
    guard: 'a producer is held by its tenant and its name, not by their text run together',
    file: 'lambdas/domain/control/shed-event.ts',
    edits: [['JSON.stringify([tenant, producer])', "[tenant, producer].join('#')"]],
    test: at(CASES, 'P6: is found by tenant and producer, whatever characters they are made of'),
  },
  {
    id: 'failure-excused',
    promise: 'F5',
    guard: 'shedding excuses no 5xx of a request of which the log refused a part',
    file: 'lambdas/ingest/answer-items.ts',
    edits: [['status === 503 && shed === verdicts.length', 'status === 503 && shed > 0']],
    test: at(CASES, 'with all others of its request excuses the 503 that this is, unless the log failed too'),
  },
  {
    id: 'control-fails-closed',
    promise: 'F12',
    guard: 'ingest goes on while the control item can’t be read',
    file: 'lambdas/platform/cached-control.ts',
    edits: [['report(error);', 'report(error);\n      throw error;']],
    test: at(
      CASES,
      'fails open: where it was never read nothing is shed, and where it was the last known stays',
    ),
  },
  {
    id: 'control-forgotten',
    promise: 'F12',
    guard: 'what was last known stays in force while the control item can’t be read',
    file: 'lambdas/platform/cached-control.ts',
    edits: [['report(error);', 'report(error);\n      this.#known = NO_CONTROL;']],
    test: at(
      'test/unit/cached-control.test.ts',
      'stays as it was last known while it can not be read, and is not asked for with each request then',
    ),
  },
  {
    id: 'control-never-read-again',
    promise: 'F4',
    guard: 'the control item is read again after the clock was set back',
    file: 'lambdas/platform/cached-control.ts',
    edits: [['Math.abs(now - this.#askedAt) >= FRESH_MS', 'now - this.#askedAt >= FRESH_MS']],
    test: at('test/unit/cached-control.test.ts', 'is read again after the clock was set back'),
  },
  {
    id: 'control-half-believed',
    promise: 'P3',
    guard: 'a damaged control item is an error, not a guess',
    file: 'lambdas/domain/control/read-control.ts',
    edits: [
      ["if (typeof share !== 'number' || !(share > 0 && share <= 1)) {", "if (typeof share !== 'number') {"],
    ],
    test: at('test/unit/control-stores.test.ts', 'is damaged with'),
  },
  {
    id: 'activity-in-the-way',
    promise: 'F12',
    guard: 'ingest goes on while activity can’t be told',
    file: 'lambdas/ingest/record-activity.ts',
    edits: [['report(error);', 'report(error);\n      throw error;']],
    test: at(
      'test/unit/record-activity.test.ts',
      'takes nothing from a request when it can not be told, or hangs',
    ),
  },
  {
    id: 'answer-that-hangs',
    promise: 'F12',
    guard: 'a service that stops in the middle of its answer holds no function until its end',
    file: 'lambdas/platform/clients.ts',
    edits: [['    socketTimeout: requestMs,\n', '']],
    test: at('test/unit/clients.test.ts', 'in the middle of its answer'),
  },
  {
    id: 'control-overwritten',
    promise: 'F14',
    guard: 'the control item is written only over the version that was looked at',
    file: 'lambdas/adapters/dynamo-control.ts',
    edits: [[": 'v = :seen',", ": 'v = :seen OR v <> :seen',"]],
    test: at('test/emulator/control-adapters.test.ts', 'takes only what follows the version that stands'),
    emulator: true,
  },
];
