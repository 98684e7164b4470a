import type { Priority } from '../../lambdas/domain/contract.ts';
import type { Control } from '../../lambdas/domain/control/control.ts';
import { shedderOf } from '../../lambdas/domain/control/shed-event.ts';
import { steerControl } from '../../lambdas/guard/steer-control.ts';
import { GUARD_SETTINGS, GuardDesk } from './memory-guard.ts';

/**
 * One who sends so many events of each priority in each second of the storm. What is shed it keeps, and sends again when it
 * is told to, until it is taken; while it keeps too much, it sends nothing new but what is critical.
 */
export interface Sender {
  readonly producer: string;
  readonly rates: Readonly<Record<Priority, number>>;
}

export interface Storm {
  readonly senders: readonly Sender[];
  /** Events a second that the projector counts. */
  readonly capacity: number;
  /** Seconds in which it counts nothing; `to` exclusive. @default - none */
  readonly outage?: { readonly from: number; readonly to: number };
  readonly seconds: number;
  /** Uniform in [0, 1). */
  readonly fraction: () => number;
}

/** What a second ended with. */
export interface Second {
  readonly at: number;
  readonly control: Control;
  /** Seconds since the oldest event that is acknowledged and not counted. */
  readonly lag: number;
}

type Counts = Record<Priority, number>;

export interface Weathered {
  readonly seconds: readonly Second[];
  /** Events that were sent, events that were accepted, and how often one was shed. */
  readonly sent: Counts;
  readonly accepted: Counts;
  readonly shed: Counts;
  /** Events acknowledged and counted. */
  readonly counted: number;
}

const PRIORITIES = ['critical', 'standard', 'bulk'] as const;
/** What shed senders are told, and how long ingest goes by what it has read, in s. */
const [AFTER_LEAST, AFTER_MOST] = [5, 30];
const FRESH = 5;
const MINUTE = 60;
/** Events that a sender keeps. */
const KEEPS = 500;

interface Waiting {
  readonly sender: Sender;
  readonly priority: Priority;
}

/**
 * Lives through a storm, second by second: the real guard, each minute; real shedding, by a control item that is read every
 * 5 s; a log that keeps what is acknowledged until a projector of this capacity has counted it.
 * @param quietSeconds how long it is watched after the storm
 * @param from what is in force when it begins
 */
export async function weather(
  storm: Storm,
  quietSeconds: number,
  from: Partial<Control> = {},
): Promise<Weathered> {
  const desk = new GuardDesk();
  const start = desk.now;
  desk.mark = start;
  desk.control.set(from);
  const door = new Door(storm);
  const log = new Log(storm.capacity);
  const seconds: Second[] = [];
  let inForce = desk.control.current;
  for (let at = 0; at < storm.seconds + quietSeconds; at++) {
    desk.now = start + at * 1000;
    if (at % FRESH === 0) inForce = desk.control.current;
    const { from: breaks = 0, to: mended = 0 } = storm.outage ?? {};
    log.take(door.open(at, inForce, desk), at >= breaks && at < mended);
    const { head } = log;
    // The last mark that was put before all that is not counted.
    desk.mark = start + Math.floor(head / MINUTE) * MINUTE * 1000;
    if (at % MINUTE === MINUTE - 1) await steerControl(desk.ports, GUARD_SETTINGS);
    seconds.push({ at, control: desk.control.current, lag: at - head });
  }
  const { sent, accepted, shed } = door;
  return { seconds, sent, accepted, shed, counted: log.counted };
}

class Door {
  readonly sent: Counts = { critical: 0, standard: 0, bulk: 0 };
  readonly accepted: Counts = { critical: 0, standard: 0, bulk: 0 };
  readonly shed: Counts = { critical: 0, standard: 0, bulk: 0 };
  readonly #storm: Storm;
  readonly #due = new Map<number, Waiting[]>();
  readonly #kept = new Map<Sender, number>();

  constructor(storm: Storm) {
    this.#storm = storm;
  }

  /** What comes in this second, new and again. @returns how many are accepted */
  open(at: number, inForce: Control, desk: GuardDesk): number {
    const { senders, fraction, seconds } = this.#storm;
    const again = this.#due.get(at) ?? [];
    this.#due.delete(at);
    for (const { sender } of again) this.#keep(sender, -1);
    let taken = 0;
    for (const sender of senders) {
      const comes = at < seconds ? this.#fresh(sender) : [];
      const whose = { tenant: 'acme', producer: sender.producer };
      const decide = shedderOf(inForce, whose, { fraction, hex: () => '' });
      let [offered, shed] = [0, 0];
      for (const one of again.length > 0
        ? [...comes, ...again.filter((each) => each.sender === sender)]
        : comes) {
        offered += 1;
        if (decide?.(one.priority) === undefined) this.accepted[one.priority] += 1;
        else {
          shed += 1;
          this.#refuse(one, at);
        }
      }
      taken += offered - shed;
      if (offered > 0) tell(desk, sender.producer, offered, shed);
    }
    return taken;
  }

  #fresh(sender: Sender): Waiting[] {
    const full = (this.#kept.get(sender) ?? 0) >= KEEPS;
    return PRIORITIES.flatMap((priority) => {
      const count = full && priority !== 'critical' ? 0 : sender.rates[priority];
      this.sent[priority] += count;
      return Array.from({ length: count }, () => ({ sender, priority }));
    });
  }

  #refuse(one: Waiting, at: number): void {
    this.shed[one.priority] += 1;
    this.#keep(one.sender, 1);
    const after = at + AFTER_LEAST + Math.floor(this.#storm.fraction() * (AFTER_MOST - AFTER_LEAST + 1));
    const waiting = this.#due.get(after);
    if (waiting) waiting.push(one);
    else this.#due.set(after, [one]);
  }

  #keep(sender: Sender, more: number): void {
    this.#kept.set(sender, (this.#kept.get(sender) ?? 0) + more);
  }
}

/** What is acknowledged in each second, and counted in that order. */
class Log {
  /** The first second of which not all is counted. */
  head = 0;
  counted = 0;
  readonly #capacity: number;
  readonly #seconds: number[] = [];
  #ofHead = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  take(events: number, isDown: boolean): void {
    this.#seconds.push(events);
    let room = isDown ? 0 : this.#capacity;
    while (this.head < this.#seconds.length - 1 && room > 0) {
      const left = this.#seconds[this.head]! - this.#ofHead;
      const counts = Math.min(room, left);
      room -= counts;
      this.counted += counts;
      this.#ofHead += counts;
      if (counts === left) {
        this.head += 1;
        this.#ofHead = 0;
      }
    }
  }
}

/** Counts by the minute, as ingest does; the memory adds them up at each reading, so that there should be few. */
function tell(desk: GuardDesk, producer: string, offered: number, shed: number): void {
  const minute = new Date(desk.now).toISOString().slice(0, 16);
  const { added } = desk.activity;
  const at = added.findLastIndex((one) => one.minute === minute && one.producer === producer);
  const before = added[at] ?? { offered: 0, accepted: 0, shed: 0 };
  const sum = {
    ...{ minute, tenant: 'acme', producer },
    offered: before.offered + offered,
    accepted: before.accepted + offered - shed,
    shed: before.shed + shed,
  };
  if (at === -1) added.push(sum);
  else added[at] = sum;
  // Guard looks at two minutes.
  if (added.length > 20) added.splice(0, added.length - 20);
}
