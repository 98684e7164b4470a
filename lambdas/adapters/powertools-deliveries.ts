import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import {
  type BodyClaim,
  type Deliveries,
  DeliveryBusyError,
  type FirstReceipt,
} from '../domain/webhooks/deliveries.ts';

/** Part of all keys, whatever function asks: by default Powertools puts the function's name there. */
const KEY_PREFIX = 'delivery';

interface Request {
  readonly key: string;
  readonly first: FirstReceipt;
}
type Fix = (request: Request) => Promise<FirstReceipt>;

/**
 * First receipts by Powertools Idempotency (https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/).
 * Only the fixing of time and hash is made idempotent: it has no effect of its own that a crash could part from its
 * record. What follows, the write to the log, may then be repeated, as it is the same each time.
 */
export class PowertoolsDeliveries implements Deliveries {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #fixers = new Map<number, { readonly fix: Fix; readonly config: IdempotencyConfig }>();
  #context: Context | undefined;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Call it with each invocation: until its end a claim is respected, and not longer, should it die. */
  registerLambdaContext(context: Context): void {
    this.#context = context;
  }

  async fix(
    endpoint: string,
    deliveryId: string,
    first: FirstReceipt,
    keepSeconds: number,
  ): Promise<FirstReceipt> {
    const { fix, config } = this.#fixer(keepSeconds);
    if (this.#context) config.registerLambdaContext(this.#context);
    try {
      // Endpoints are of one length, so a key has one reading; an empty one is refused below.
      return await fix({ key: deliveryId && `${endpoint}#${deliveryId}`, first });
    } catch (error) {
      const { name } = error as Error;
      if (name === 'IdempotencyAlreadyInProgressError' || name === 'IdempotencyInconsistentStateError')
        throw new DeliveryBusyError('the delivery is being fixed by another invocation', { cause: error });
      // What DynamoDB itself said tells whether to try again.
      throw name === 'IdempotencyPersistenceLayerError' ? ((error as Error).cause ?? error) : error;
    }
  }

  async claimBody(endpoint: string, bodyHash: string, claim: BodyClaim): Promise<BodyClaim> {
    const put = new PutItemCommand({
      TableName: this.#table,
      Item: {
        id: { S: `${endpoint}#body#${bodyHash}` },
        deliveryId: { S: claim.deliveryId },
        time: { S: claim.time },
      },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await this.#client.send(put);
      return claim;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { deliveryId, time } = error.Item ?? {};
      if (!deliveryId?.S || !time?.S) throw new Error('a body is claimed by nobody', { cause: error });
      return { deliveryId: deliveryId.S, time: time.S };
    }
  }

  /** A persistence layer takes its expiry from the first configuration that it meets, and ignores all others. */
  #fixer(keepSeconds: number) {
    const known = this.#fixers.get(keepSeconds);
    if (known) return known;
    const config = new IdempotencyConfig({
      eventKeyJmesPath: 'key',
      throwOnNoIdempotencyKey: true,
      expiresAfterSeconds: keepSeconds,
      hashFunction: 'sha256',
    });
    const persistenceStore = new DynamoDBPersistenceLayer({
      tableName: this.#table,
      awsSdkV3Client: this.#client,
    });
    const fix: Fix = makeIdempotent(async ({ first }: Request) => ({ ...first }), {
      persistenceStore,
      config,
      keyPrefix: KEY_PREFIX,
    });
    const made = { fix, config };
    this.#fixers.set(keepSeconds, made);
    return made;
  }
}
