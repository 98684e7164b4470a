import { PutRecordsCommand, type PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import type { Clock } from '../../lambdas/domain/ports.ts';

export const SHARD = 'shardId-000000000000';
const PUT_UNIT = 25 * 1024;

/**
 * A Kinesis stream of one shard that takes everything: what Kinesis bills follows from what is sent alone, so that
 * nothing needs to be emulated. Sequence numbers are as long as real ones.
 */
export class PretendLog {
  readonly #clock: Clock;
  #sequence = 49_600_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000n;
  #waiting: LogRecord[] = [];
  calls = 0;
  records = 0;
  bytes = 0;
  /** PUT payload units: each record by itself, rounded up to 25 KB. */
  putUnits = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In the place of `KinesisClient.send`. */
  readonly send = async (command: unknown): Promise<PutRecordsCommandOutput> => {
    if (!(command instanceof PutRecordsCommand)) throw new Error('the pretended log takes PutRecords only');
    this.calls += 1;
    const Records = (command.input.Records ?? []).map(({ Data }) => this.#append(Buffer.from(Data!)));
    return { Records, FailedRecordCount: 0, $metadata: {} };
  };

  /** The records that nobody has taken yet. */
  take(): readonly LogRecord[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  #append(data: Buffer) {
    this.#sequence += 1n;
    this.records += 1;
    this.bytes += data.length;
    this.putUnits += Math.ceil(data.length / PUT_UNIT);
    const sequence = String(this.#sequence);
    this.#waiting.push({ shardId: SHARD, sequence, arrivedMs: this.#clock.now(), data });
    return { ShardId: SHARD, SequenceNumber: sequence };
  }
}
