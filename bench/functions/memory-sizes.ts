import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { resolveConfig } from '../../lib/config/index.ts';
import { RoomAssets } from '../../lib/constructs/room-assets.ts';
import { WeirFunction } from '../../lib/constructs/weir-function.ts';
import { addWeir } from '../../lib/weir.ts';

const cdkJson = join(import.meta.dirname, '..', '..', 'cdk.json');

/** Megabytes that the constructs give each room's function. */
export function memorySizes(): ReadonlyMap<string, number> {
  const config = resolveConfig({ context: (key) => (key === 'stage' ? 'local' : undefined), env: {} });
  const { context } = JSON.parse(readFileSync(cdkJson, 'utf8')) as { context: Record<string, unknown> };
  // What is built is read as it is, and not synthesized.
  const { data, ingress, processing, recovery } = addWeir(new App({ context }), config, new RoomAssets());
  const rooms = [data, ingress, processing, recovery]
    .flatMap((stack) => stack.node.findAll())
    .filter((construct) => construct instanceof WeirFunction);
  return new Map(
    rooms.map((room) => [room.room, (room.function.node.defaultChild as CfnFunction).memorySize!]),
  );
}
