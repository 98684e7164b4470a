import {
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import { type AcknowledgementLedger, createLedger } from '../domain/acknowledgements.ts';
import type { LogEntry, LogWriter } from '../domain/log.ts';
import type { Clock, Random, Sleep } from '../domain/ports.ts';
import { joinEnvelope, type Piece, splitEnvelope } from '../domain/split-envelope.ts';

/** Limits of one PutRecords call; Kinesis itself takes 500 records and 5 MiB, keys included. */
const MAX_CALL_RECORDS = 500;
const MAX_CALL_BYTES = 4 * 1024 * 1024;
/** Longest that one call may take before it is given up and made again, in ms. */
const CALL_MS = 5_000;
const FIRST_BACKOFF_MS = 50;
const LAST_BACKOFF_MS = 1_000;

/** What the log refused in one call. */
export interface LogFailure {
  readonly records: number;
  /** Kinesis' error code or the error's name. */
  readonly reason: string;
  readonly willRetry: boolean;
}

export interface KinesisLogProps {
  readonly client: Pick<KinesisClient, 'send'>;
  readonly streamName: string;
  /** Code version, written into every envelope. */
  readonly build: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
  /** Told of each refusal, for log and metric. */
  readonly report?: (failure: LogFailure) => void;
}

interface NumberedRecord {
  readonly n: number;
  /** Index of its draft. */
  readonly draft: number;
  readonly put: PutRecordsRequestEntry;
  readonly bytes: number;
}

/**
 * The log on Kinesis. One per cold start: it numbers its records from 1 under a random instance id. What Kinesis
 * refuses is tried again alone, with full jitter, until the deadline.
 */
export class KinesisLog implements LogWriter {
  readonly #props: KinesisLogProps;
  readonly #iid: string;
  readonly #ledger: AcknowledgementLedger = createLedger();

  constructor(props: KinesisLogProps) {
    this.#props = props;
    this.#iid = props.random.hex(8);
  }

  async publish(entries: readonly LogEntry[], deadline: number): Promise<readonly boolean[]> {
    const { clock, random, sleep } = this.#props;
    const acknowledged = entries.map(() => true);
    let waiting = entries.flatMap((entry, draft) => {
      const records = this.#number(entry, draft);
      if (records.length === 0) acknowledged[draft] = false;
      return records;
    });
    for (let attempt = 0; waiting.length > 0; attempt++) {
      const rounds = await Promise.all(packCalls(waiting).map((call) => this.#put(call, deadline)));
      for (const { done } of rounds) for (const record of done) this.#ledger.settle(record.n, true);
      waiting = rounds.flatMap(({ again }) => again);
      const lost = rounds.flatMap(({ refused }) => refused);
      const backoff = random.fraction() * Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
      const late = clock.now() + backoff >= deadline;
      for (const record of late ? [...lost, ...waiting] : lost) {
        acknowledged[record.draft] = false;
        this.#ledger.settle(record.n, false);
      }
      if (late) break;
      if (waiting.length > 0) await sleep(backoff);
    }
    return acknowledged;
  }

  /** The draft's records; none where it can't be cut to fit one, which must not take the other drafts down. */
  #number({ draft, partitionKey, explicitHashKey }: LogEntry, index: number): NumberedRecord[] {
    let pieces: readonly Piece[];
    try {
      pieces = splitEnvelope(draft);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#report(1, 'RecordTooLarge', false);
      return [];
    }
    return pieces.map((piece) => {
      const numbering = this.#ledger.next();
      const header = { iid: this.#iid, build: this.#props.build, ...numbering };
      const data = Buffer.from(joinEnvelope(header, piece), 'utf8');
      const put = {
        Data: data,
        PartitionKey: partitionKey,
        ...(explicitHashKey && { ExplicitHashKey: explicitHashKey }),
      };
      return { n: numbering.n, draft: index, put, bytes: data.length + partitionKey.length };
    });
  }

  async #put(call: readonly NumberedRecord[], deadline: number): Promise<Round> {
    const { client, streamName, clock } = this.#props;
    const ms = Math.max(1, Math.min(CALL_MS, deadline - clock.now()));
    try {
      const output = await client.send(
        new PutRecordsCommand({ StreamName: streamName, Records: call.map(({ put }) => put) }),
        { abortSignal: AbortSignal.timeout(ms) },
      );
      const refusals = call.map((_, index) => refusalOf(output.Records?.[index]));
      const again = call.filter((_, index) => refusals[index] !== undefined);
      if (again.length > 0) this.#report(again.length, refusals.find((code) => code !== undefined)!, true);
      return { done: call.filter((_, index) => refusals[index] === undefined), again, refused: [] };
    } catch (error) {
      const willRetry = isTransient(error);
      this.#report(call.length, error instanceof Error ? error.name : 'Unknown', willRetry);
      return { done: [], again: willRetry ? call : [], refused: willRetry ? [] : call };
    }
  }

  #report(records: number, reason: string, willRetry: boolean): void {
    this.#props.report?.({ records, reason, willRetry });
  }
}

interface Round {
  readonly done: readonly NumberedRecord[];
  readonly again: readonly NumberedRecord[];
  /** What no repetition would help. */
  readonly refused: readonly NumberedRecord[];
}

/** Kinesis' error code of one record; a record counts as written only where Kinesis names its place in the log (P1). */
function refusalOf(result: PutRecordsResultEntry | undefined): string | undefined {
  return result?.ErrorCode ?? (result?.SequenceNumber ? undefined : 'NoSequenceNumber');
}

function packCalls(records: readonly NumberedRecord[]): NumberedRecord[][] {
  const calls: NumberedRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const call = calls.at(-1);
    if (!call || call.length === MAX_CALL_RECORDS || bytes + record.bytes > MAX_CALL_BYTES) {
      calls.push([record]);
      bytes = record.bytes;
    } else {
      call.push(record);
      bytes += record.bytes;
    }
  }
  return calls;
}

/** Errors of the request itself: the stream's name, the permission, the key. Waiting doesn't mend them. */
const LASTING = new Set([
  'AccessDeniedException',
  'InvalidArgumentException',
  'ResourceNotFoundException',
  'UnrecognizedClientException',
  'ValidationException',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSNotFoundException',
]);

function isTransient(error: unknown): boolean {
  return !(error instanceof Error && LASTING.has(error.name));
}
