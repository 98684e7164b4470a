import type { Mutant } from './mutant.ts';

const at = (file: string, name: string) => ({ file, name });
const PROBE_EVENTS = 'test/unit/probe-events.test.ts';
const LAST_SEEN = 'test/property/last-seen.property.test.ts';
const WATCH = 'test/unit/watch.test.ts';

/** What looks for trouble by itself finds it, and makes none. */
export const WATCHING: readonly Mutant[] = [
  {
    id: 'probe-key-of-a-producer',
    promise: 'P6',
    guard: 'what may send types of Weir’s own is never found among producers’ credentials',
    file: 'lambdas/platform/authenticate.ts',
    edits: [['PROBE_KEY.test(key) && probe', 'PROBE_KEY.test(key) && credentials']],
    test: at(PROBE_EVENTS, "never take a key of the probe's from the producers' credentials"),
  },
  {
    id: 'probe-shed',
    promise: 'F5',
    guard: 'the probe goes by the priority of its own contract',
    file: 'lambdas/domain/probe.ts',
    edits: [["priority: 'critical'", "priority: 'bulk'"]],
    test: at(PROBE_EVENTS, 'are taken also while all is shed that may be (F5)'),
  },
  {
    id: 'counted-twice-is-well',
    promise: 'F2',
    guard: 'the probe takes an event that is counted twice for a failure',
    file: 'lambdas/probe/run-probe.ts',
    edits: [["if (count === '1') return undefined;", "if (count !== '0') return undefined;"]],
    test: at('test/unit/probe.test.ts', 'does not take a second counting for well (F2)'),
  },
  {
    id: 'probe-without-certificate',
    promise: 'F4',
    guard: 'mutual TLS is not set without a certificate for the probe',
    file: 'lib/config/validate.ts',
    edits: [['if (truststoreUri !== undefined)\n', 'if (false)\n']],
    test: at('test/infra/config.test.ts', 'refuses mutual TLS that would shut the probe out (F4)'),
  },
  {
    id: 'weekend-is-silence',
    promise: 'F4',
    guard: 'while a producer is new, its pattern may be any that repeats within a week',
    file: 'lambdas/domain/watch/last-seen.ts',
    edits: [['const UNKNOWN_PATTERN = 7 * MINUTES_A_DAY;', 'const UNKNOWN_PATTERN = MINUTES_A_DAY;']],
    test: at(LAST_SEEN, 'is never called silent, from its first event on'),
  },
  {
    id: 'outage-is-silence',
    promise: 'F4',
    guard: 'time in which nobody watched is no silence',
    file: 'lambdas/domain/watch/seen-slots.ts',
    edits: [['seen: slot.seen.map((each) => passOver(each, lost))', 'seen: slot.seen']],
    test: at(LAST_SEEN, 'pass over what nobody can know any more'),
  },
  {
    id: 'suspended-is-silent',
    promise: 'F4',
    guard: 'who may not send is not missed',
    file: 'lambdas/watch/watch-producers.ts',
    edits: [['return silentOf(advanced, suspended);', 'return silentOf(advanced);']],
    test: at(WATCH, 'says of one that was silent before it was suspended no more than of others'),
  },
  {
    id: 'suspension-is-silence',
    promise: 'F4',
    guard: 'time in which a producer might not send is no silence',
    file: 'lambdas/watch/watch-producers.ts',
    edits: [['return excuse(next, suspended, next.upTo - slot.upTo);', 'return next;']],
    test: at(WATCH, 'does not miss one that an operator has suspended, and gives it time to come back'),
  },
  {
    id: 'lost-metrics-unseen',
    promise: 'F4',
    guard: 'the archive’s total is compared with what metrics have counted',
    file: 'lambdas/domain/watch/telemetry.ts',
    edits: [['archived: Math.max(0, events - counted.archived)', 'archived: 0']],
    test: at(WATCH, 'finds the events of which no metric speaks (F4)'),
  },
];
