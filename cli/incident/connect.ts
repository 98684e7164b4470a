import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { CONTROL_KEY, DynamoControl, HISTORY } from '../../lambdas/adapters/dynamo-control.ts';
import { readControl } from '../../lambdas/domain/control/read-control.ts';
import { sloReadingsOf } from '../../lib/observability/slo-readings.ts';
import { type Connected, connectDoctor } from '../doctor/connect.ts';
import { readLogFacts } from '../platform/deployment.ts';
import { listFunctions } from '../platform/list-functions.ts';
import type { Target } from '../platform/target.ts';
import { readCauses } from '../quarantine/read-quarantine.ts';
import { nameOperator } from '../recovery/name-operator.ts';
import type { IncidentPorts } from './ports.ts';

/** Partition of the control table where deploys are noted. */
const DEPLOYS = 'DEPLOYS';

type Item = Record<string, AttributeValue>;

/** The real deployment. */
export async function connectIncident({ aws, outputs: find }: Target): Promise<IncidentPorts> {
  const outputs = await find();
  const weir = connectDoctor(aws, outputs);
  const { name, dynamo, now, metrics, alarms, runs, logs } = weir;
  const deployment = () => readLogFacts(weir, outputs);
  return {
    ...{ name, now, metrics, alarms, runs, logs, deployment },
    slos: async () => sloReadingsOf(name, await deployment()),
    functions: () => listFunctions(weir.lambda, name),
    deploys: async (most) => (await newest(weir, DEPLOYS, '', most)).map(readDeploy),
    control: () => new DynamoControl(dynamo, outputs.controlTable).read(),
    controlHistory: async (most) =>
      (await newest(weir, CONTROL_KEY, HISTORY, most)).map(({ doc }) => readControl(doc?.S ?? '')),
    causes: () => readCauses({ client: dynamo, ...outputs }),
    operator: () => nameOperator(aws),
  };
}

/** Items of the control table, the greatest sort key first. */
async function newest(
  { dynamo, outputs }: Connected,
  pk: string,
  begins: string,
  most: number,
): Promise<readonly Item[]> {
  const { Items = [] } = await dynamo.send(
    new QueryCommand({
      TableName: outputs.controlTable,
      KeyConditionExpression: begins ? 'pk = :pk AND begins_with(sk, :sk)' : 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk }, ...(begins && { ':sk': { S: begins } }) },
      ScanIndexForward: false,
      Limit: most,
    }),
  );
  return Items;
}

/** As watch notes it: a document under its time. */
function readDeploy({ sk, doc }: Item) {
  return { at: sk?.S ?? '', ...(JSON.parse(doc?.S ?? '{}') as object) };
}
