import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Control } from '../../lambdas/domain/control/control.ts';
import type { SloReading } from '../../lambdas/domain/error-budget.ts';
import type { MetricReader } from '../../lambdas/domain/metric-reader.ts';
import type { Runs } from '../../lambdas/domain/recovery/ports.ts';
import type { Deployment } from '../../lib/observability/slos.ts';
import type { Alarms } from '../platform/alarms.ts';
import type { DeployedFunction } from '../platform/list-functions.ts';
import type { Cause } from '../quarantine/read-quarantine.ts';

/** A deploy as it was noted, whatever was noted of it. */
export interface Deploy {
  /** RFC 3339. */
  readonly at: string;
  readonly [attribute: string]: unknown;
}

/** What evidence is collected from. */
export interface IncidentPorts {
  /** The deployment's. */
  readonly name: string;
  readonly now: number;
  readonly deployment: () => Promise<Deployment>;
  readonly slos: () => Promise<readonly SloReading[]>;
  readonly metrics: MetricReader;
  readonly alarms: Alarms;
  readonly runs: Pick<Runs, 'latest'>;
  readonly logs: Pick<CloudWatchLogsClient, 'send'>;
  readonly functions: () => Promise<readonly DeployedFunction[]>;
  /** The latest, at most `most`. */
  readonly deploys: (most: number) => Promise<readonly Deploy[]>;
  readonly control: () => Promise<Control>;
  /** Its former versions, the latest first. */
  readonly controlHistory: (most: number) => Promise<readonly Control[]>;
  readonly causes: () => AsyncIterable<Cause>;
  readonly operator: () => Promise<string>;
}
