import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import type { LogRecord } from '../domain/log-record.ts';
import type { Sleep } from '../domain/ports.ts';
import type { LogTail } from '../domain/trace/ports.ts';

/** Of one shard: the consumers' reads and these share five a second. */
const MOST_CALLS = 10;
const MOST_BYTES = 32 * 1024 * 1024;
const PAUSE_MS = 250;

/** The log's end, read by GetRecords, which the log's consumers share a limit with: a little, and slowly. */
export class KinesisTail implements LogTail {
  readonly #client: Pick<KinesisClient, 'send'>;
  readonly #streamName: string;
  readonly #sleep: Sleep;

  constructor(client: Pick<KinesisClient, 'send'>, streamName: string, sleep: Sleep) {
    this.#client = client;
    this.#streamName = streamName;
    this.#sleep = sleep;
  }

  async after(
    shardId: string,
    sequence: string | undefined,
  ): Promise<{ readonly records: readonly LogRecord[]; readonly whole: boolean }> {
    const records: LogRecord[] = [];
    let iterator = await this.#iterator(shardId, sequence);
    let bytes = 0;
    for (let calls = 0; iterator !== undefined; calls++) {
      if (calls >= MOST_CALLS || bytes >= MOST_BYTES) return { records, whole: false };
      if (calls > 0) await this.#sleep(PAUSE_MS);
      const answer = await this.#client.send(new GetRecordsCommand({ ShardIterator: iterator }));
      for (const { SequenceNumber, ApproximateArrivalTimestamp, Data } of answer.Records ?? []) {
        const data = Buffer.from(Data ?? []);
        bytes += data.length;
        const arrivedMs = ApproximateArrivalTimestamp?.getTime() ?? 0;
        records.push({ shardId, sequence: SequenceNumber ?? '0', arrivedMs, data });
      }
      iterator = answer.MillisBehindLatest === 0 ? undefined : answer.NextShardIterator;
    }
    return { records, whole: true };
  }

  /** Undefined of a shard that the log has forgotten: all of it is archived, or lost. */
  async #iterator(ShardId: string, sequence: string | undefined): Promise<string | undefined> {
    const StreamName = this.#streamName;
    try {
      const { ShardIterator } = await this.#client.send(
        new GetShardIteratorCommand(
          sequence === undefined
            ? { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' }
            : {
                StreamName,
                ShardId,
                ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
                StartingSequenceNumber: sequence,
              },
        ),
      );
      return ShardIterator;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }
}
