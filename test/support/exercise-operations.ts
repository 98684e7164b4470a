import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DynamoWatch } from '../../lambdas/adapters/dynamo-watch.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { deployed } from './deployed.ts';
import { aws, type Sender } from './pipeline.ts';

/** Has probe, watch, guard and widgets take each of their ways: those that look at Weir, and steer it. */
export async function exerciseOperations(sender: Sender, event: CloudEvent): Promise<void> {
  await lookAround();
  await steer(sender);
  await show(sender, event);
}

async function invoke(FunctionName: string, event: object): Promise<unknown> {
  const { Payload, FunctionError } = await aws.lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
  );
  const answer = Buffer.from(Payload!).toString();
  if (FunctionError) throw new Error(`${FunctionName}: ${answer}`);
  return JSON.parse(answer);
}

/** The probe goes round; watch takes all its looks: it compares totals of hours ago, and then takes one. */
async function lookAround(): Promise<void> {
  const { ControlTable, ProbeFunction, WatchFunction } = deployed();
  const at = Date.now() - 7_200_000;
  const totals = [
    { at: at - 3_600_000, events: 0 },
    { at, events: 0 },
  ];
  await new DynamoWatch(aws.dynamo, ControlTable).note('telemetry', { totals, comparedTo: 0 });
  for (const name of [ProbeFunction, WatchFunction, WatchFunction]) await invoke(name, { now: true });
}

/** Somebody is held, so that guard looks up what that one may send, and is let go again. */
async function steer({ tenant }: Sender): Promise<void> {
  const { GuardFunction } = deployed();
  const set = { command: 'set', operator: 'a test', reason: 'what guard may do' };
  const who = { tenant, producer: 'meter' };
  await invoke(GuardFunction, { ...set, hold: { ...who, kind: 'over-budget', share: 1 } });
  await invoke(GuardFunction, { source: 'aws.events', 'detail-type': 'Scheduled Event' });
  await invoke(GuardFunction, { ...set, release: who });
  await invoke(GuardFunction, { command: 'show' });
}

/** Every widget; of an event in the archive, and of a bucket with pages. */
async function show({ tenant }: Sender, { id, subject, type, time }: CloudEvent): Promise<void> {
  const window = time!.slice(0, 13);
  for (const asked of [
    ...['tenants', 'quarantine', 'runs', 'budget', 'control'].map((widget) => ({ widget })),
    { widget: 'quarantine', tenant },
    { widget: 'event', tenant, id },
    { widget: 'event', id: 'nowhere' },
    { widget: 'state', tenant, subject, type, window },
  ]) {
    const html = String(await invoke(deployed().WidgetsFunction, asked));
    if (/could not be read/.test(html)) throw new Error(`${JSON.stringify(asked)}: ${html}`);
  }
}
