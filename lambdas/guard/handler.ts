import { CloudWatchAlarmStates } from '../adapters/cloudwatch-alarm-states.ts';
import { DynamoActivity } from '../adapters/dynamo-activity.ts';
import { DynamoControl } from '../adapters/dynamo-control.ts';
import { DynamoControlHistory } from '../adapters/dynamo-control-history.ts';
import { DynamoProgress } from '../adapters/dynamo-progress.ts';
import { DynamoSightings } from '../adapters/dynamo-sightings.ts';
import { DynamoTiers } from '../adapters/dynamo-tiers.ts';
import { KinesisShards } from '../adapters/kinesis-shards.ts';
import { S3ControlAudit } from '../adapters/s3-control-audit.ts';
import { readCommand } from '../domain/control/read-command.ts';
import type { Answered, Shown } from '../domain/control/shown.ts';
import { cloudWatchClient, dynamoClient, kinesisClient, s3Client } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { tell } from '../platform/metrics.ts';
import { systemClock } from '../platform/system.ts';
import { answerCommand } from './answer-command.ts';
import type { GuardEnv } from './env.ts';
import { isOccasion } from './occasion.ts';
import type { GuardSettings } from './ports.ts';
import { numbersOf } from './report.ts';
import { type Looked, steerControl } from './steer-control.ts';

const env = readEnv<GuardEnv>([
  ...(['CONTROL_TABLE', 'STREAM_NAME', 'AUDIT_BUCKET'] as const),
  ...(['GUARDING_ALARMS', 'SETTINGS', 'BUDGETS'] as const),
]);
const settings: GuardSettings = {
  ...JSON.parse(env.SETTINGS),
  alarms: JSON.parse(env.GUARDING_ALARMS),
  budgets: JSON.parse(env.BUDGETS),
};
const dynamo = dynamoClient();
const ports = {
  control: new DynamoControl(dynamo, env.CONTROL_TABLE),
  history: new DynamoControlHistory(dynamo, env.CONTROL_TABLE),
  audit: new S3ControlAudit(s3Client(), env.AUDIT_BUCKET),
  activity: new DynamoActivity(dynamo, env.CONTROL_TABLE),
  tiers: new DynamoTiers(dynamo, env.CONTROL_TABLE),
  alarms: new CloudWatchAlarmStates(cloudWatchClient()),
  shards: new KinesisShards(kinesisClient(3), env.STREAM_NAME),
  passes: new DynamoProgress(dynamo, env.CONTROL_TABLE, 'project'),
  sightings: new DynamoSightings(dynamo, env.CONTROL_TABLE),
  clock: systemClock,
};

/** Run each minute by a rule, at once by alarms, and by operators: docs/control.md has examples. */
export const handler = invocation(
  async (event: unknown): Promise<Looked | Shown | Answered> => (isOccasion(event) ? look() : answer(event)),
);

async function look(): Promise<Looked> {
  const looked = await steerControl(ports, settings);
  const { control, changed, step, why } = looked;
  tell(numbersOf(looked, ports.clock.now()));
  const { v, level, mode } = control;
  if (changed) logger.info('control was changed', { v, level, mode, held: control.held.length, step, why });
  return looked;
}

async function answer(event: unknown): Promise<Shown | Answered> {
  const command = readCommand(event, ports.clock.now());
  const answered = await answerCommand(command, ports, settings);
  if (command.command === 'set') {
    const { v, level, mode, by, reason } = answered.control;
    logger.info('an operator has set control', { v, level, mode, operator: by, reason });
  }
  return answered;
}
