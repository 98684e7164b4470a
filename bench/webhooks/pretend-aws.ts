import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  PutObjectCommand,
  type PutObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, type SendMessageCommandOutput, type SQSClient } from '@aws-sdk/client-sqs';
import { SECRET } from './deliveries.ts';

/** What SQS bills as one request: https://aws.amazon.com/sqs/pricing/, "each 64 KB chunk of a payload". */
const CHUNK_BYTES = 64 * 1024;

/** A queue that keeps what it is sent, and counts as SQS bills: each call by its payload's chunks of 64 KB. */
export class PretendQueue {
  #waiting: string[] = [];
  #sent = 0;
  requests = 0;

  /** In the place of `SQSClient.send`. */
  readonly send = (async (command: unknown): Promise<SendMessageCommandOutput> => {
    if (!(command instanceof SendMessageCommand))
      throw new Error('the pretended queue takes SendMessage only');
    const text = command.input.MessageBody!;
    this.requests += requestsFor(Buffer.byteLength(text));
    this.#waiting.push(text);
    this.#sent += 1;
    return { MessageId: `message-${this.#sent}`, $metadata: {} };
  }) as SQSClient['send'];

  /** What the event source mapping does for one batch: a ReceiveMessage, and a DeleteMessageBatch for all of it. */
  takeBatch(): readonly string[] {
    const taken = this.#waiting;
    this.#waiting = [];
    const bytes = taken.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    this.requests += requestsFor(bytes) + 1;
    return taken;
  }
}

const requestsFor = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK_BYTES));

/** A bucket that keeps what it is given. */
export class PretendBodies {
  readonly #objects = new Map<string, Uint8Array>();
  puts = 0;
  gets = 0;

  /** In the place of `S3Client.send`. */
  readonly send = (async (command: unknown): Promise<PutObjectCommandOutput | GetObjectCommandOutput> => {
    if (command instanceof PutObjectCommand) {
      this.puts += 1;
      this.#objects.set(command.input.Key!, command.input.Body as Uint8Array);
      return { $metadata: {} };
    }
    if (!(command instanceof GetObjectCommand)) throw new Error('the pretended bucket only puts and gets');
    this.gets += 1;
    const kept = this.#objects.get(command.input.Key!);
    return { Body: { transformToByteArray: async () => kept }, $metadata: {} } as GetObjectCommandOutput;
  }) as S3Client['send'];
}

/** Secrets Manager with the bench's one secret under every name. */
export class PretendSecrets {
  reads = 0;

  /** In the place of `SecretsManagerClient.send`. */
  readonly send = (async (command: unknown): Promise<GetSecretValueCommandOutput> => {
    if (!(command instanceof GetSecretValueCommand)) throw new Error('the pretended secrets are read only');
    this.reads += 1;
    const secrets = [{ value: SECRET, created: '2026-11-01T00:00:00Z' }];
    return { SecretString: JSON.stringify({ secrets }), $metadata: {} };
  }) as SecretsManagerClient['send'];
}
