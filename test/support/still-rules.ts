import {
  DisableRuleCommand,
  EventBridgeClient,
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
    await Promise.all(EACH_MINUTE.map((name) => disable(client, name)));
  } finally {
    client.destroy();
  }
}

async function disable(client: EventBridgeClient, Name: string): Promise<void> {
  try {
    await client.send(new DisableRuleCommand({ Name }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}
