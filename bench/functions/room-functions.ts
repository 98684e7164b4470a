import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { resolveConfig } from '../../lib/config/index.ts';
import { RoomAssets } from '../../lib/constructs/room-assets.ts';
import { WeirFunction } from '../../lib/constructs/weir-function.ts';
import { addWeir } from '../../lib/weir.ts';

const cdkJson = join(import.meta.dirname, '..', '..', 'cdk.json');

/** A room's function as the constructs make it. */
export interface RoomFunction {
  readonly memoryMb: number;
  /** Its settings that are known before it is deployed: numbers, names; what refers to other resources is not in it. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The functions that the constructs make, by their rooms. */
export function roomFunctions(): ReadonlyMap<string, RoomFunction> {
  const config = resolveConfig({ context: (key) => (key === 'stage' ? 'local' : undefined), env: {} });
  const { context } = JSON.parse(readFileSync(cdkJson, 'utf8')) as { context: Record<string, unknown> };
  // What is built is read as it is, and not synthesized.
  const { data, ingress, processing, recovery } = addWeir(new App({ context }), config, new RoomAssets());
  const rooms = [data, ingress, processing, recovery]
    .flatMap((stack) => stack.node.findAll())
    .filter((construct) => construct instanceof WeirFunction);
  return new Map(rooms.map((room) => [room.room, describe(room)]));
}

function describe(room: WeirFunction): RoomFunction {
  const { memorySize, environment } = room.function.node.defaultChild as CfnFunction;
  const { variables } = Stack.of(room).resolve(environment) as { variables: Record<string, unknown> };
  const settings = Object.entries(variables).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { memoryMb: memorySize!, settings: Object.fromEntries(settings) };
}
