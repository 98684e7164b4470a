import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { AlarmStates } from '../domain/control/guard-ports.ts';

/** Most names of one DescribeAlarms call. */
const MAX_NAMES = 100;

/** States of metric alarms. Composite ones are not told to whom may only describe alarms by name. */
export class CloudWatchAlarmStates implements AlarmStates {
  readonly #client: Pick<CloudWatchClient, 'send'>;

  constructor(client: Pick<CloudWatchClient, 'send'>) {
    this.#client = client;
  }

  async inAlarm(names: readonly string[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (let first = 0; first < names.length; first += MAX_NAMES) {
      const AlarmNames = names.slice(first, first + MAX_NAMES);
      const { MetricAlarms = [] } = await this.#client.send(
        new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm'], MaxRecords: MAX_NAMES }),
      );
      // Not asked for by its state: LocalStack passes over that where there are names, and all would be in ALARM.
      const standing = MetricAlarms.filter(({ StateValue }) => StateValue === 'ALARM');
      found.push(...standing.flatMap(({ AlarmName }) => AlarmName ?? []));
    }
    return found;
  }
}
