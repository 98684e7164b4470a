import {
  type CloudWatchClient,
  type CompositeAlarm,
  type MetricAlarm,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { alarmCatalogue } from '../../lib/observability/catalogue.ts';

/** An alarm as it stands, with what its description says of it. */
export interface AlarmNow {
  /** Its id in the catalogue: its name without the deployment's. */
  readonly id: string;
  /** `part` says nothing by itself: a composite speaks for it. */
  readonly severity: 'page' | 'ticket' | 'part';
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** RFC 3339, ms. */
  readonly since: string;
  readonly impact: string;
  /** Where it says so: `docs/runbook.md#…`. */
  readonly runbook: string;
  /** ARNs of what it tells. */
  readonly tells: readonly string[];
}

/** One change of an alarm's state. */
export interface AlarmChange {
  readonly id: string;
  /** RFC 3339, ms. */
  readonly at: string;
  /** Such as `Alarm updated from OK to ALARM`. */
  readonly summary: string;
}

/** The alarms of a deployment. */
export interface Alarms {
  all(): Promise<readonly AlarmNow[]>;
  /** Changes of state, the latest first, `most` of them at most. `from` inclusive, `to` exclusive, ms. */
  history(from: number, to: number, most: number): Promise<readonly AlarmChange[]>;
}

/** How a log is set changes what alarms say, and not which there are. */
const CATALOGUE = new Set(alarmCatalogue({ retentionHours: 24, gatherSeconds: 0 }).map(({ id }) => id));

/** `weir-staging-loss` begins with `weir-` too, and is an alarm of another deployment. */
const isOurs = (id: string): boolean => CATALOGUE.has(id) || /^release-/.test(id);

/** What `history` reads of each alarm's page at once. */
const PAGE = 100;

export class CloudWatchAlarms implements Alarms {
  readonly #client: CloudWatchClient;
  readonly #prefix: string;

  /** @param name of the deployment, which begins all names of its alarms */
  constructor(client: CloudWatchClient, name: string) {
    this.#client = client;
    this.#prefix = `${name}-`;
  }

  async all(): Promise<readonly AlarmNow[]> {
    const found: AlarmNow[] = [];
    const pages = paginateDescribeAlarms(
      { client: this.#client },
      { AlarmNamePrefix: this.#prefix, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    );
    for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages)
      found.push(...[...MetricAlarms, ...CompositeAlarms].map((alarm) => this.#read(alarm)));
    return found.filter(({ id }) => isOurs(id)).sort((a, b) => a.id.localeCompare(b.id));
  }

  async history(from: number, to: number, most: number): Promise<readonly AlarmChange[]> {
    const changes: AlarmChange[] = [];
    const pages = paginateDescribeAlarmHistory(
      { client: this.#client, pageSize: PAGE },
      {
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        HistoryItemType: 'StateUpdate',
        StartDate: new Date(from),
        EndDate: new Date(to),
        ScanBy: 'TimestampDescending',
      },
    );
    for await (const { AlarmHistoryItems = [] } of pages) {
      for (const { AlarmName = '', Timestamp, HistorySummary = '' } of AlarmHistoryItems) {
        if (!AlarmName.startsWith(this.#prefix) || !Timestamp) continue;
        const id = AlarmName.slice(this.#prefix.length);
        if (!isOurs(id)) continue;
        changes.push({ id, at: Timestamp.toISOString(), summary: HistorySummary });
        if (changes.length === most) return changes;
      }
    }
    return changes;
  }

  #read(alarm: MetricAlarm | CompositeAlarm): AlarmNow {
    const { AlarmName = '', AlarmDescription = '', StateValue, AlarmActions = [] } = alarm;
    const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
    return {
      id: AlarmName.slice(this.#prefix.length),
      // lib/constructs/alarms.ts writes these lines.
      severity: (/^Severity: (page|ticket)/m.exec(AlarmDescription)?.[1] ?? 'part') as AlarmNow['severity'],
      state: (StateValue ?? 'INSUFFICIENT_DATA') as AlarmNow['state'],
      since: since?.toISOString() ?? '',
      impact: AlarmDescription.split('\n')[0]!,
      runbook: /^Runbook: (.*)$/m.exec(AlarmDescription)?.[1] ?? '',
      tells: AlarmActions,
    };
  }
}
