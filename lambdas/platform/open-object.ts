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

/** What is wrong with an object. */
export interface Damage {
  readonly kind: 'object-lost' | 'object-changed' | 'object-differs';
  readonly detail: string;
}

/** An object that is what its entry says, inflated. */
export interface Intact {
  readonly text: string;
  /** Stored. */
  readonly bytes: number;
}

/** Reads an archive object, if it is what the manifest says. @throws what the archive throws */
export async function readIntact(
  archive: Pick<ArchiveReader, 'get'>,
  object: ObjectRef,
): Promise<Intact | Damage> {
  const bytes = await archive.get(object.key, object.versionId);
  if (!bytes) return { kind: 'object-lost', detail: 'it is gone' };
  const sha256 = sha256Hex(bytes);
  if (sha256 !== object.sha256)
    return { kind: 'object-changed', detail: `its SHA-256 is ${sha256}, not ${object.sha256}` };
  try {
    const text = (await decompress(bytes, { maxOutputLength: MAX_INFLATED })).toString();
    const difference = differenceOf(text, object);
    return difference === undefined
      ? { text, bytes: bytes.length }
      : { kind: 'object-differs', detail: difference };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !/^(Z_|ERR_BUFFER_TOO_LARGE)/.test(code)) throw error;
    return { kind: 'object-differs', detail: `it can’t be inflated (${code})` };
  }
}

/** The records of an archive object, if it is what the manifest says. @throws what the archive throws */
export async function openObject(archive: Pick<ArchiveReader, 'get'>, object: ObjectRef): Promise<Opened> {
  const read = await readIntact(archive, object);
  return 'kind' in read ? damaged(read, object) : { records: [...recordsIn(read.text, object.shardId)] };
}

function damaged({ kind, detail }: Damage, { key, shardId, first, last, events }: ObjectRef): Opened {
  return {
    damage: {
      kind,
      where: `${shardId} ${first}–${last}`,
      detail: `${key}: ${detail}; it held ${events} events`,
      action: 'nothing of it was sent again; "verify" says what was in it',
    },
  };
}
