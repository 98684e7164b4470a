import type { Activity } from '../domain/control/ports.ts';
import type { Credential } from '../domain/credential.ts';
import { subjectKey } from '../domain/keys.ts';
import type { Clock, Sleep } from '../domain/ports.ts';

/** How often an instance tells of one producer, and longest that it may hold a request up for that, in ms. */
const INTERVAL_MS = 15_000;
const PATIENCE_MS = 1_000;
/** Producers remembered per instance; of those beyond it what was not told yet is forgotten. */
const MAX_PRODUCERS = 1_000;
const MINUTE_LENGTH = 'YYYY-MM-DDTHH:MM'.length;

type Sender = Pick<Credential, 'tenant' | 'producer'>;

interface Counts {
  offered: number;
  accepted: number;
  shed: number;
}

/** What was not told yet of a producer: minute → counts. */
interface Untold {
  toldAt: number;
  minutes: Map<string, Counts>;
}

export interface RecordActivityProps {
  readonly activity: Pick<Activity, 'add'>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Told why counts were not taken. They are lost: a call without an answer may have counted. */
  readonly report: (error: unknown) => void;
}

/** Counts what producers send, and tells the store of each at once when it is first seen, and then every 15 s. */
export class RecordActivity {
  readonly #props: RecordActivityProps;
  readonly #untold = new Map<string, Untold>();

  constructor(props: RecordActivityProps) {
    this.#props = props;
  }

  /**
   * What came in a request; what the log accepts of it is not known yet.
   * @param at when it was received, RFC 3339 in UTC
   */
  offered(sender: Sender, at: string, offered: number, shed: number): void {
    const counts = this.#countsOf(sender, at);
    counts.offered += offered;
    counts.shed += shed;
  }

  /** Told of with the next request: nothing holds this one's answer up. */
  accepted(sender: Sender, at: string, accepted: number): void {
    if (accepted > 0) this.#countsOf(sender, at).accepted += accepted;
  }

  /** Tells what there is of a producer, if it is time. Never rejects, and takes a second at most. */
  async tell(sender: Sender): Promise<void> {
    const { activity, clock, sleep, report } = this.#props;
    const untold = this.#untold.get(subjectKey(sender.tenant, sender.producer));
    if (!untold || clock.now() - untold.toldAt < INTERVAL_MS) return;
    const minutes = [...untold.minutes];
    untold.toldAt = clock.now();
    untold.minutes = new Map();
    const { tenant, producer } = sender;
    const added = minutes.map(([minute, counts]) => activity.add(minute, { tenant, producer, ...counts }));
    const late = sleep(PATIENCE_MS).then(() => {
      throw new Error(`activity was not taken within ${PATIENCE_MS} ms`);
    });
    try {
      await Promise.race([Promise.all(added), late]);
    } catch (error) {
      report(error);
    }
  }

  #countsOf({ tenant, producer }: Sender, at: string): Counts {
    const key = subjectKey(tenant, producer);
    let untold = this.#untold.get(key);
    if (!untold) {
      if (this.#untold.size >= MAX_PRODUCERS) this.#untold.delete(this.#untold.keys().next().value!);
      untold = { toldAt: Number.NEGATIVE_INFINITY, minutes: new Map() };
      this.#untold.set(key, untold);
    }
    const minute = at.slice(0, MINUTE_LENGTH);
    let counts = untold.minutes.get(minute);
    if (!counts) {
      counts = { offered: 0, accepted: 0, shed: 0 };
      untold.minutes.set(minute, counts);
    }
    return counts;
  }
}
