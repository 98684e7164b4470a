import type { DynamoMeter, MeteredTable, TableUse } from './metering/dynamo-meter.ts';

/** The tables of the bench, as the constructs under `lib/` declare them. */
export const STATE: MeteredTable = {
  name: 'state',
  keys: ['pk', 'sk'],
  index: { keys: ['touched', 'pk'], projected: ['touched', 'pk', 'sk'] },
};
export const CONTROL: MeteredTable = { name: 'control', keys: ['pk', 'sk'] };
/** The baselines' aggregates and their memory of what was counted. */
export const USAGE: MeteredTable = { name: 'usage', keys: ['pk', 'sk'] };
export const MARKERS: MeteredTable = { name: 'markers', keys: ['id'] };

export const TABLES: readonly MeteredTable[] = [STATE, CONTROL, USAGE, MARKERS];

/** Write units of all tables that hold state or what is needed to keep it exact, indexes included. */
export function stateWriteUnits(meter: DynamoMeter): number {
  return sumOf(meter, ({ writeUnits, indexWriteUnits }) => writeUnits + indexWriteUnits);
}

export function stateReadUnits(meter: DynamoMeter): number {
  return sumOf(meter, ({ readUnits }) => readUnits);
}

function sumOf(meter: DynamoMeter, of: (use: Readonly<TableUse>) => number): number {
  return [STATE, USAGE, MARKERS].reduce((sum, { name }) => sum + of(meter.use(name)), 0);
}
