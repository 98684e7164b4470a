import { type Control, LEVELS } from './control.ts';
import { easeProducer, holdHeaviest, releaseLightest } from './hold-producers.ts';
import type { Signals, SteerSettings } from './signals.ts';
import { GUARD, type Step } from './step.ts';

/** What guard makes of what it sees. */
export interface Steered {
  /** What is to be in force from now on. @default - what is */
  readonly control?: Control;
  /** Why, for logs and the audit; or why nothing changes. */
  readonly why: string;
  /** Whether more or less is shed than before: one step at a time. */
  readonly step?: 'up' | 'down';
}

/** `strained`: more than calm, and less than it takes to shed more. */
type State = 'overloaded' | 'strained' | 'calm';

/**
 * Decides what is shed. Overloaded, one step up at most every `stepSeconds`: first the producer that is most beyond its
 * budget is held at it, then the level rises. Critical events are beyond any level. Calm for `calmSeconds`, one step down,
 * and as long again before the next. Asked twice at the same time, it says the same.
 * @param now ms since the epoch
 */
export function steer(control: Control, signals: Signals, now: number, settings: SteerSettings): Steered {
  if (control.mode === 'manual') return { why: 'an operator steers: the mode is manual' };
  const at = new Date(now).toISOString();
  const { state, because } = judge(signals, settings);
  const maintenance = control.maintenance.filter(({ to }) => to > at);
  const calmSince = state === 'calm' && sheds(control) ? (control.calmSince ?? at) : undefined;
  const [direction, step] = stepOf(
    { ...control, ...(calmSince && { calmSince }) },
    signals,
    now,
    settings,
    state,
  );
  const over = control.maintenance.length - maintenance.length;
  const changes = [
    ...(step ? [`${step.says}: ${because}`] : []),
    ...(over > 0 ? [`${over} maintenance window(s) are over`] : []),
    ...(calmSince === control.calmSince
      ? []
      : [calmSince ? `calm begins: ${because}` : `calm ends: ${because}`]),
  ];
  if (changes.length === 0) return { why: because };
  const { calmSince: _calm, steppedAt: before, ...rest } = control;
  const { level, held } = step ?? control;
  const steppedAt = step ? at : before;
  const why = changes.join('; ');
  const next: Control = {
    ...rest,
    v: control.v + 1,
    ...{ level, held, maintenance },
    ...(steppedAt !== undefined && { steppedAt }),
    // With nothing left to release, nobody waits for calm.
    ...(calmSince !== undefined && sheds({ level, held }) && { calmSince }),
    ...{ by: GUARD, at, reason: why },
  };
  return { control: next, why, ...(step && { step: direction }) };
}

function judge({ alarms, lag }: Signals, { lagSeconds, calmLagSeconds }: SteerSettings) {
  const behind = lag
    ? `the projector is ${Math.round(lag.seconds)} s behind`
    : 'how far the projector is, is not known';
  const of = (state: State, because: string) => ({ state, because });
  if (alarms.length > 0) return of('overloaded', `in alarm: ${alarms.slice(0, 5).join(', ')}; ${behind}`);
  if (lag && lag.seconds > lagSeconds) {
    if (!lag.moves) return of('strained', `${behind}, and stands still: shedding would not help`);
    if (!lag.stays) return of('strained', `${behind}, and is not seen to stay so`);
    return of('overloaded', behind);
  }
  return of(lag && lag.seconds >= calmLagSeconds ? 'strained' : 'calm', behind);
}

/** Whether guard has anything to release. */
function sheds({ level, held }: Pick<Control, 'level' | 'held'>): boolean {
  return level !== 'none' || held.some(({ by }) => by === GUARD);
}

function stepOf(
  control: Control,
  signals: Signals,
  now: number,
  { stepSeconds, calmSeconds }: SteerSettings,
  state: State,
): readonly ['up' | 'down', Step | undefined] {
  const since = (time: string | undefined) =>
    time === undefined ? Infinity : (now - Date.parse(time)) / 1000;
  const stood = since(control.steppedAt);
  if (stood < stepSeconds) return ['down', undefined];
  const ease = () => easeProducer(control, signals, now - calmSeconds * 1000);
  if (state === 'overloaded') {
    const up = holdHeaviest(control, signals, now) ?? raise(control);
    return up ? ['up', up] : ['down', ease()];
  }
  const rested = state === 'calm' && Math.min(stood, since(control.calmSince)) >= calmSeconds;
  const down = () =>
    sheds(control) && rested ? (lower(control) ?? releaseLightest(control, signals)) : undefined;
  return ['down', ease() ?? down()];
}

function raise({ level, held }: Control): Step | undefined {
  const higher = LEVELS[LEVELS.indexOf(level) + 1];
  return higher && { held, level: higher, says: `level ${level} → ${higher}` };
}

function lower({ level, held }: Control): Step | undefined {
  const lower = LEVELS[LEVELS.indexOf(level) - 1];
  return lower && { held, level: lower, says: `level ${level} → ${lower}` };
}
