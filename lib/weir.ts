import type { App } from 'aws-cdk-lib';
import type { WeirConfig } from './config/index.ts';
import type { RoomAssets } from './constructs/room-assets.ts';
import { DataStack } from './stacks/data.ts';
import { IngressStack } from './stacks/ingress.ts';
import { ObservabilityStack, type ObservabilityStackProps } from './stacks/observability.ts';
import { ProcessingStack } from './stacks/processing.ts';
import { RecoveryStack } from './stacks/recovery.ts';

export interface Weir {
  readonly data: DataStack;
  readonly ingress: IngressStack;
  readonly processing: ProcessingStack;
  readonly recovery: RecoveryStack;
  readonly observability: ObservabilityStack;
}

/** Weir's stacks, apart by how long what is in them lives. */
export function addWeir(
  app: App,
  config: WeirConfig,
  assets: RoomAssets,
  options: Pick<ObservabilityStackProps, 'planned'> = {},
): Weir {
  const prefix = config.name.charAt(0).toUpperCase() + config.name.slice(1);
  const shared = (description: string) => ({
    env: { account: config.account, region: config.region },
    description,
    config,
    tags: { 'weir:name': config.name },
    // Deleting a stack by mistake needs two mistakes.
    terminationProtection: config.keepData,
  });
  const data = new DataStack(app, `${prefix}-Data`, shared('Weir: log, state, archive and their keys'));
  const code = (description: string) => ({ ...shared(description), assets, data });
  const ingress = new IngressStack(app, `${prefix}-Ingress`, code('Weir: the public API'));
  const processing = new ProcessingStack(
    app,
    `${prefix}-Processing`,
    code('Weir: webhooks, projector, archive and marks'),
  );
  // From the back to the front: what the door lets in must be known to those behind it, a new contract above all.
  ingress.addStackDependency(processing);
  const recovery = new RecoveryStack(app, `${prefix}-Recovery`, code('Weir: repair, and the way back'));
  const observability = new ObservabilityStack(app, `${prefix}-Observability`, {
    ...code('Weir: alarms, dashboards, and who watches and steers'),
    ingress,
    ...options,
  });
  // It names what is in all the others: log groups, for one.
  observability.addStackDependency(recovery);
  return { data, ingress, processing, recovery, observability };
}
