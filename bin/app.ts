import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { resolveConfig } from '../lib/config/index.ts';
import { RoomAssets } from '../lib/constructs/room-assets.ts';
import { addWeir } from '../lib/weir.ts';

const app = new App();
const config = resolveConfig({ context: (key) => app.node.tryGetContext(key), env: process.env });
const assets = new RoomAssets();
if (assets.missing().length > 0) {
  const { build } = await import('../scripts/build.ts');
  await build();
}
addWeir(app, config, assets);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
