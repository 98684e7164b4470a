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
    edits: [["if (lag.moves) return of('overloaded', behind);", "return of('overloaded', behind);"]],
    test: at(STEER, 'does not shed for the lag of a projector that stands still'),
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
    edits: [['next.movedAt !== undefined && ', 'next.movedAt === undefined && ']],
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
