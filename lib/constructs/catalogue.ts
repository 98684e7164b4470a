import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CatalogueEnv } from '../../lambdas/catalogue/env.ts';
import type { DurableTable } from './durable-table.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface CatalogueProps extends RoomProps {
  readonly control: DurableTable;
}

/** Publishes the contracts and the OpenAPI document. */
export class Catalogue extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: CatalogueProps) {
    super(scope, id);
    const { control } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'catalogue',
      description: 'GET /v1/contracts and /v1/openapi.json: publishes the contracts',
      timeout: Duration.seconds(10),
      environment: { CONTROL_TABLE: control.table.tableName } satisfies CatalogueEnv,
    });
    control.grant(this.handler, ['dynamodb:GetItem'], ['KEY#*']);
  }
}
