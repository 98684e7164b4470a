import { type KinesisClient, ListShardsCommand, type ListShardsCommandOutput } from '@aws-sdk/client-kinesis';
import type { Shard, Shards } from '../domain/manifest.ts';

/** The stream's shards, closed ones too as long as their records are kept. */
export class KinesisShards implements Shards {
  readonly #client: Pick<KinesisClient, 'send'>;
  readonly #streamName: string;

  constructor(client: Pick<KinesisClient, 'send'>, streamName: string) {
    this.#client = client;
    this.#streamName = streamName;
  }

  async list(): Promise<readonly Shard[]> {
    const shards: Shard[] = [];
    let next: string | undefined;
    do {
      const answer: ListShardsCommandOutput = await this.#client.send(
        new ListShardsCommand(next ? { NextToken: next } : { StreamName: this.#streamName }),
      );
      for (const shard of answer.Shards ?? []) {
        shards.push({
          shardId: shard.ShardId ?? '',
          parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined),
          open: shard.SequenceNumberRange?.EndingSequenceNumber === undefined,
          startingHashKey: shard.HashKeyRange?.StartingHashKey ?? '0',
        });
      }
      next = answer.NextToken;
    } while (next);
    return shards;
  }
}
