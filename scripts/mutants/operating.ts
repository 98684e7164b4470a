import type { Mutant } from './mutant.ts';

const at = (file: string, name: string) => ({ file, name });
const RELEASE = 'test/unit/cli-doctor-release.test.ts';

/** What operators are told before they act is so. */
export const OPERATING: readonly Mutant[] = [
  {
    id: 'release-on-nothing-left',
    promise: 'F12',
    guard: 'nothing is released where too little of an error budget is left',
    file: 'cli/doctor/check-release.ts',
    edits: [['if (left >= least)', 'if (least >= 0)']],
    test: at(RELEASE, 'shuts where less of an error budget is left than there must be'),
  },
  {
    id: 'release-in-the-dark',
    promise: 'F4',
    guard: 'nothing is released where the probe does not go round',
    file: 'cli/doctor/check-release.ts',
    edits: [['return trips > 0', 'return trips >= 0']],
    test: at(RELEASE, 'shuts where the probe does not go round, for then nobody knows (F4)'),
  },
  {
    id: 'release-unseen',
    promise: 'F12',
    guard: 'a release that is under way is seen, at whichever function it is',
    file: 'cli/doctor/check-canary.ts',
    edits: [["'normalise', ", '']],
    test: at('test/infra/releases.test.ts', 'is for the functions that weir doctor looks at'),
  },
  {
    id: 'shed-spends-budget',
    promise: 'F5',
    guard: 'what is shed so that the rest is answered spends no error budget',
    file: 'lambdas/domain/error-budget.ts',
    edits: [['sum(first) - sum(third)', 'sum(first)']],
    test: at('test/unit/error-budget.test.ts', 'does not spend what is excused, and never less than nothing'),
  },
  {
    id: 'bundle-with-messages',
    promise: 'F7',
    guard: 'evidence of an incident has no line that nobody has made sure of',
    file: 'cli/incident/collect-logs.ts',
    edits: [["if (typeof line.message !== 'object' || line.message === null) return", 'if (line) return']],
    test: at('test/unit/cli-incident.test.ts', 'holds errors and what is held back, and no payload (F7)'),
  },
  {
    id: 'any-price',
    promise: 'F13',
    guard: 'what events cost is held against the budget',
    file: 'cli/cost/command.ts',
    edits: [['(bill[name] ?? 0) > budget[name]', '(bill[name] ?? 0) > Number.MAX_VALUE']],
    test: at('test/unit/cli-cost.test.ts', 'exits with 1 above the budget'),
  },
];
