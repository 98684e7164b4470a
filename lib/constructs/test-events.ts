import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import type { WeirFunction } from './weir-function.ts';

export interface TestEventsProps {
  readonly config: WeirConfig;
  readonly handler: WeirFunction;
  /** By name; the console lists them by it. */
  readonly examples: Readonly<Record<string, object>>;
}

/** Where Lambda keeps the shareable test events of all functions of an account and region. */
const REGISTRY = 'lambda-testevent-schemas';

/**
 * Examples as shareable test events of a function, as the console and `sam remote test-event` keep them: in EventBridge's
 * schema registry, one schema a function.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/testing-functions.html
 */
export class TestEvents extends Construct {
  constructor(scope: Construct, id: string, { config, handler, examples }: TestEventsProps) {
    super(scope, id);
    if (config.testEventRegistry === 'none') return;
    const schema = new CfnSchema(this, 'Schema', {
      registryName: REGISTRY,
      // The function by its name, not by a reference: a schema needs no function.
      schemaName: `_${config.name}-${handler.room}-schema`,
      type: 'OpenApi3',
      content: JSON.stringify(document(examples)),
    });
    if (config.testEventRegistry !== 'create') return;
    const registry = new CfnRegistry(this, 'Registry', {
      registryName: REGISTRY,
      description: 'Shareable test events of Lambda functions',
    });
    // Others keep their functions' events in it.
    registry.applyRemovalPolicy(RemovalPolicy.RETAIN);
    schema.addResourceDependency(registry);
  }
}

function document(examples: TestEventsProps['examples']): object {
  const values = Object.entries(examples).map(([name, value]) => [name, { value }]);
  return {
    openapi: '3.0.0',
    info: { version: '1.0.0', title: 'Event' },
    paths: {},
    components: { schemas: { Event: { type: 'object' } }, examples: Object.fromEntries(values) },
  };
}
