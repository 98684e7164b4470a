import type { Mutant } from './mutant.ts';

const at = (file: string, name: string) => ({ file, name });
const STEER = 'test/property/steer.property.test.ts';
const GUARD = 'test/unit/guard.test.ts';
const STORM = 'test/property/storm.property.test.ts';

/** Who is shed, when, and who knows of it. */
export const STEERING: readonly Mutant[] = [
  {
    id: 'two-steps-at-once',
    promise: 'F5',
    guard: 'steps keep their distance, so that each can work before the next',
    file: 'lambdas/domain/control/steer.ts',
    edits: [["if (stood < stepSeconds) return ['down', undefined];", '']],
    test: at(STEER, 'says the same of the same moment again: twice is once'),
  },
  {
    id: 'level-before-producer',
    promise: 'F9',
    guard: 'who sends too much is held before others are shed',
    file: 'lambdas/domain/control/steer.ts',
    edits: [
      [
        'holdHeaviest(control, signals, now) ?? raise(control)',
        'raise(control) ?? holdHeaviest(control, signals, now)',
      ],
    ],
    test: at(
      STEER,
      'holds nobody who keeps within its budget, and of the others the one that is most beyond it first',
    ),
  },
  {
    id: 'outage-shed',
    promise: 'F12',
    guard: 'a projector that stands still is no reason to shed',
    file: 'lambdas/domain/control/steer.ts',
    edits: [['if (!lag.moves) return', 'if (!lag) return']],
    test: at(STEER, 'does not shed for the lag of a projector that stands still'),
  },
  {
    id: 'backlog-shed',
    promise: 'F12',
    guard: 'a backlog that gets less, as after an outage, is no reason to shed',
    file: 'lambdas/domain/control/track-lag.ts',
    edits: [['const stays = known && seconds > most - stallSeconds * LESS;', 'const stays = most >= 0;']],
    test: at(STORM, 'is no storm, nor is what it has left, which drains: nothing is shed'),
  },
  {
    id: 'backlog-for-ever',
    promise: 'F5',
    guard: 'a lag that gets no less is shed for, however slowly the projector comes on',
    file: 'lambdas/domain/control/track-lag.ts',
    edits: [[' || stood >= stallSeconds * STOOD;', ';']],
    test: at(
      'test/unit/track-lag.test.ts',
      'is one that grows, or only does not get less, however slowly the projector comes on',
    ),
  },
  {
    id: 'one-producer-forever',
    promise: 'F9',
    guard: 'a producer that offers a little more each minute does not keep the level from rising',
    file: 'lambdas/domain/control/hold-producers.ts',
    edits: [['before ? TOLERANCE_HELD : TOLERANCE', 'before ? TOLERANCE : TOLERANCE']],
    test: at(STEER, 'raises the level, though one that is held offers a little more each minute'),
  },
  {
    id: 'blind-guard',
    promise: 'F12',
    guard: 'the level is steered also while nobody can say who sends how much',
    file: 'lambdas/guard/read-signals.ts',
    edits: [['(failed: unknown) => ({ failed }),', '(failed: unknown) => Promise.reject(failed),']],
    test: at(GUARD, 'F5, F12: raises the level also while nobody can say who sends how much, and fails then'),
  },
  {
    id: 'version-again',
    promise: 'F14',
    guard: 'after an earlier version was put back by hand, the next one is after all that ever were',
    file: 'lambdas/guard/change-control.ts',
    edits: [['Math.max(before.v, await ports.history.newest()) + 1', 'before.v + 1']],
    test: at(
      GUARD,
      'after an earlier version was put back by hand leaves in the history what came after that',
    ),
  },
  {
    id: 'history-overwritten',
    promise: 'F14',
    guard: 'no version in the history of the control item is written over',
    file: 'lambdas/adapters/dynamo-control.ts',
    edits: [[', ConditionExpression: NOTHING_THERE }', ' }']],
    test: at(
      'test/emulator/control-adapters.test.ts',
      'F14: is never written over, whatever is put in the place of the control item by hand',
    ),
    emulator: true,
  },
  {
    id: 'any-alarm-sheds',
    promise: 'F5',
    guard: 'only what is in ALARM is a reason to shed',
    file: 'lambdas/adapters/cloudwatch-alarm-states.ts',
    edits: [["StateValue === 'ALARM'", "StateValue !== 'none'"]],
    test: at(
      'test/emulator/control-adapters.test.ts',
      'F5: are told of those that are asked for and in ALARM, and of no others',
    ),
    emulator: true,
  },
  {
    id: 'manual-steered',
    promise: 'F5',
    guard: 'what an operator has set in manual mode stays',
    file: 'lambdas/domain/control/steer.ts',
    edits: [["if (control.mode === 'manual') return", "if (control.mode === 'manual' && now < 0) return"]],
    test: at(STEER, 'changes nothing at all in manual mode'),
  },
  {
    id: 'restored-at-once',
    promise: 'F5',
    guard: 'what was shed is let in again step by step, after calm each time',
    file: 'lambdas/domain/control/steer.ts',
    edits: [
      ["state === 'calm' && Math.min(stood, since(control.calmSince)) >= calmSeconds", "state === 'calm'"],
    ],
    test: at(
      STEER,
      'never steps twice within stepSeconds, nor down after a step within calmSeconds but for who keeps within budget',
    ),
  },
  {
    id: 'suspension-released',
    promise: 'F9',
    guard: 'whom an operator holds, guard does not release',
    file: 'lambdas/domain/control/hold-producers.ts',
    edits: [["by === GUARD && how.kind === 'over-budget'", "how.kind === 'over-budget'"]],
    test: at(
      STEER,
      'leaves alone whom an operator holds, and what an operator has set of mode and windows that are not over',
    ),
  },
  {
    id: 'storm-unseen',
    promise: 'F5',
    guard: 'a lag that grows is shed for',
    file: 'lambdas/domain/control/track-lag.ts',
    edits: [['const moves = stood <= stallSeconds;', 'const moves = stood < 0;']],
    test: at(STORM, 'without guard would be lag that grows with the storm'),
  },
  {
    id: 'unaudited-change',
    promise: 'F14',
    guard: 'no change of what is shed is without its entry in the audit, which comes first',
    file: 'lambdas/guard/change-control.ts',
    edits: [
      ['    await ports.audit.append(', '    void ports.audit.append('],
      ['...(asked && { asked }) });', '...(asked && { asked }) }).catch(() => {});'],
    ],
    test: at(GUARD, 'is not made where the audit can not have it'),
  },
  {
    id: 'change-made-twice',
    promise: 'F14',
    guard: 'a change whose answer was lost is not made again',
    file: 'lambdas/guard/change-control.ts',
    edits: [['if (tried && isDeepStrictEqual(before, tried.control))', 'if (tried && !before)']],
    test: at(GUARD, 'whose answer was lost is not made twice'),
  },
  {
    id: 'maintenance-for-ever',
    promise: 'F4',
    guard: 'a maintenance window ends by itself',
    file: 'lambdas/guard/report.ts',
    edits: [['from <= at && at < to', 'from <= at && Boolean(to)']],
    test: at(GUARD, 'open maintenance, which is 1 while it lasts, and is dropped after it'),
  },
];
