import { HOURS_A_MONTH, type Priced, priceOf, STANDING } from '../../lib/prices.ts';
import type { LogSize, Quantities, Quantity } from './read-quantities.ts';

/** One line of the bill. `usd` is undefined where it isn't known how much there was. */
export interface Line {
  readonly what: string;
  readonly quantity: Quantity;
  readonly usd: Quantity;
}

export interface Bill {
  readonly hours: number;
  /** What grows with traffic. */
  readonly used: readonly Line[];
  /** What is paid whatever happens. */
  readonly standing: readonly Line[];
  readonly usedUsd: number;
  readonly standingUsd: number;
  /** Undefined where nothing was counted. */
  readonly writesPerEvent: Quantity;
  readonly usdPerMillion: Quantity;
  /** Of all that reached state, what was there before. */
  readonly duplicates: Quantity;
}

export interface CostBudget {
  /** Write units of state that an event may cost. */
  readonly writesPerEvent: number;
  /** US$ that a million events may cost, of what grows with traffic. */
  readonly usdPerMillion: number;
}

export interface StandingFacts {
  readonly log: LogSize;
  /** US$ a month, by the catalogue. */
  readonly alarmsUsdPerMonth: number;
  /** Metrics of ours that are written. */
  readonly metricsWritten: number;
  readonly keys: number;
}

const MILLION = 1_000_000;
/** What Kinesis bills by, provisioned. */
const PUT_UNIT_BYTES = 25_000;

/** What so much has cost, at list price. */
export function priceQuantities(used: Quantities, facts: StandingFacts, hours: number): Bill {
  const lines = usedLines(used, facts.log);
  const standing = standingLines(facts, hours);
  const usedUsd = sum(lines);
  const { counted, stateWrites, duplicates = 0 } = used;
  const some = counted !== undefined && counted > 0;
  return {
    hours,
    used: lines,
    standing,
    usedUsd,
    standingUsd: sum(standing),
    writesPerEvent: some && stateWrites !== undefined ? stateWrites / counted : undefined,
    usdPerMillion: some ? (usedUsd / counted) * MILLION : undefined,
    duplicates: some ? duplicates / (counted + duplicates) : undefined,
  };
}

function usedLines(used: Quantities, { onDemand }: LogSize): readonly Line[] {
  const line = (what: string, priced: Priced, quantity: Quantity): Line => ({
    ...{ what, quantity },
    usd: quantity === undefined ? undefined : priceOf(priced, quantity),
  });
  return [
    line('API requests', 'apiRequest', used.apiRequests),
    line('Lambda invocations', 'lambdaRequest', used.invocations),
    line('Lambda GB-seconds', 'lambdaGbSecond', used.gbSeconds),
    onDemand
      ? line('Kinesis bytes', 'onDemandByte', used.logBytes)
      : line('Kinesis PUT units, at least', 'kinesisPutUnit', putUnits(used)),
    line('DynamoDB write units: state', 'dynamoWrite', used.stateWrites),
    line('DynamoDB write units: other tables', 'dynamoWrite', used.otherWrites),
    line('DynamoDB read units', 'dynamoRead', used.reads),
    line('S3 PUTs of the archive, at most', 's3Put', used.archiveBatches),
    line('SQS requests, at most', 'sqsRequest', used.queueRequests),
    line('bytes of logs', 'logByte', used.logLineBytes),
  ];
}

/** Each record is a unit for every 25 KB of it: there are no more records than units, and no fewer units than bytes want. */
function putUnits({ logRecords, logBytes }: Quantities): Quantity {
  if (logRecords === undefined) return undefined;
  return Math.max(logRecords, Math.ceil((logBytes ?? 0) / PUT_UNIT_BYTES));
}

function standingLines(
  { log, alarmsUsdPerMonth, metricsWritten, keys }: StandingFacts,
  hours: number,
): readonly Line[] {
  const months = hours / HOURS_A_MONTH;
  const shards: Line = log.onDemand
    ? { what: 'Kinesis stream hours', quantity: hours, usd: hours * STANDING.streamHour.usd }
    : {
        what: 'Kinesis shard hours',
        quantity: log.openShards * hours,
        usd: log.openShards * hours * STANDING.shardHour.usd,
      };
  const kept = log.retentionHours > 24 && !log.onDemand ? log.openShards * hours : 0;
  return [
    shards,
    { what: 'the same, kept longer than a day', quantity: kept, usd: kept * STANDING.keptShardHour.usd },
    { what: 'alarms, as this build has them', quantity: undefined, usd: alarmsUsdPerMonth * months },
    {
      what: 'metrics, all that may be written',
      quantity: metricsWritten,
      usd: metricsWritten * STANDING.metricMonth.usd * months,
    },
    { what: 'KMS keys', quantity: keys, usd: keys * STANDING.keyMonth.usd * months },
  ];
}

const sum = (lines: readonly Line[]): number => lines.reduce((total, { usd = 0 }) => total + usd, 0);
