import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { resolveConfig } from '../lib/config/index.ts';
import { RoomAssets } from '../lib/constructs/room-assets.ts';
import { addWeir } from '../lib/weir.ts';
import { build } from '../scripts/build.ts';

const app = new App();
const context = (key: string): unknown => app.node.tryGetContext(key);
const config = resolveConfig({ context, env: process.env });

// `-c assets=<folder>` deploys bundles that were built elsewhere; otherwise what is deployed is what is in the tree.
const built = context('assets') as string | undefined;
if (built === undefined) await build({ report: (line) => process.stderr.write(`${line} …\n`) });

addWeir(app, config, new RoomAssets(built));
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
