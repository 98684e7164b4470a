import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { manifestKey } from '../../lambdas/adapters/dynamo-manifest.ts';
import type { Item } from '../../lambdas/domain/head-item.ts';
import { deployed } from './deployed.ts';
import { aws, query } from './pipeline.ts';

const LONG_AGO_MS = 400 * 86_400_000;

/** A member of an item that is a text. */
export const textOf = (item: Item, name: string): string => (item[name] as { S: string }).S;

/** Manifest entries of the objects that hold a tenant's records, as stored, shard after shard in the chain's order. */
export async function entriesOf(tenant: string): Promise<Item[]> {
  const { ControlTable } = deployed();
  const entries: Item[] = [];
  for (const shard of await query(ControlTable, 'MANIFESTS'))
    entries.push(...(await query(ControlTable, manifestKey(textOf(shard, 'sk')), 'O#')));
  return entries.filter(({ tenants }) => JSON.stringify(tenants).includes(JSON.stringify(tenant)));
}

/** Somebody with write access to the control table. */
export async function putControl(item: Item): Promise<void> {
  await aws.dynamo.send(
    new PutItemCommand({
      TableName: deployed().ControlTable,
      Item: item as NonNullable<PutItemCommand['input']['Item']>,
    }),
  );
}

/** The place of an entry's object, whatever the version. */
export const placeOf = (entry: Item) => ({ Bucket: deployed().ArchiveBucket, Key: textOf(entry, 'key') });

/**
 * An object as it is when it has become old: in the deep archive. Its lifecycle leaves the version as it is, which nobody
 * else can: so the entry names another one; or, with `versionGone`, still the one that is gone.
 * @returns what makes the object young again
 */
export async function freeze(entry: Item, versionGone = false): Promise<() => Promise<void>> {
  const { Body } = await aws.s3.send(new GetObjectCommand(placeOf(entry)));
  const bytes = await Body!.transformToByteArray();
  const put = async (StorageClass: 'DEEP_ARCHIVE' | 'STANDARD') => {
    const answer = await aws.s3.send(new PutObjectCommand({ ...placeOf(entry), Body: bytes, StorageClass }));
    return { S: answer.VersionId! };
  };
  const [from, to] = (entry.arrived as unknown as { L: [{ S: string }, { S: string }] }).L;
  const longAgo = { S: new Date(Date.parse(from.S) - LONG_AGO_MS).toISOString() };
  const arrived = { L: [longAgo, to] } as unknown as Item[string];
  const versionId = await put('DEEP_ARCHIVE');
  await aws.s3.send(new DeleteObjectCommand({ ...placeOf(entry), VersionId: textOf(entry, 'versionId') }));
  await putControl({ ...entry, arrived, ...(!versionGone && { versionId }) });
  return async () => putControl({ ...entry, versionId: await put('STANDARD') });
}
