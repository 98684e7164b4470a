import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { sha256Hex } from '../domain/manifest.ts';
import type { ArchivedRecord } from '../domain/recovery/archived-record.ts';
import type { ArchiveReader } from '../domain/recovery/ports.ts';
import { differenceOf, recordsIn } from '../domain/recovery/read-object.ts';
import type { Finding, ObjectRef } from '../domain/recovery/run.ts';

/** Records of an archive object in the log's order, or how it is damaged: then nothing of it is to be trusted. */
export type Opened = { readonly records: readonly ArchivedRecord[] } | { readonly damage: Finding };

const decompress = promisify(gunzip);
/** An object holds what one invocation got, 6 MB; this is far beyond it, and bounds what a forged one can inflate to. */
const MAX_INFLATED = 128 * 1024 * 1024;

/** Reads an archive object, if it is what the manifest says. @throws what the archive throws */
export async function openObject(archive: ArchiveReader, object: ObjectRef): Promise<Opened> {
  const { key, versionId, sha256, shardId } = object;
  const bytes = await archive.get(key, versionId);
  if (!bytes) return damaged('object-lost', object, 'the object is gone');
  if (sha256Hex(bytes) !== sha256) return damaged('object-changed', object, 'its bytes have another SHA-256');
  let text: string;
  try {
    text = (await decompress(bytes, { maxOutputLength: MAX_INFLATED })).toString('utf8');
  } catch {
    return damaged('object-differs', object, 'it can not be inflated');
  }
  const difference = differenceOf(text, object);
  return difference === undefined
    ? { records: [...recordsIn(text, shardId)] }
    : damaged('object-differs', object, difference);
}

function damaged(kind: string, { key, shardId, first, last, events }: ObjectRef, detail: string): Opened {
  return {
    damage: {
      kind,
      where: `${shardId} ${first}–${last}`,
      detail: `${key}: ${detail}; it held ${events} events`,
      action: 'nothing of it was sent again; "verify" says what was in it',
    },
  };
}
