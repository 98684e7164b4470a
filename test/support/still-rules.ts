import {
  DisableRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';

/** Rules that run each minute and act on what they see. Tests invoke their functions when they want them. */
const EACH_MINUTE = ['weir-guard', 'weir-watch', 'weir-probe'];

/** Turns them off, so that what a test sees is what it did. Rules that are not deployed stay so. */
export async function stillRules(endpoint: string): Promise<void> {
  const client = new EventBridgeClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    await Promise.all(EACH_MINUTE.map((name) => still(client, name)));
  } finally {
    client.destroy();
  }
}

/** LocalStack goes by the schedule of a rule that is disabled too, but only to the targets that it has. */
async function still(client: EventBridgeClient, Name: string): Promise<void> {
  try {
    await client.send(new DisableRuleCommand({ Name }));
    const { Targets = [] } = await client.send(new ListTargetsByRuleCommand({ Rule: Name }));
    const Ids = Targets.flatMap(({ Id }) => Id ?? []);
    if (Ids.length > 0) await client.send(new RemoveTargetsCommand({ Rule: Name, Ids }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}
