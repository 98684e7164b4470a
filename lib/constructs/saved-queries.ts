import { Stack } from 'aws-cdk-lib';
import { CfnQueryDefinition, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { logGroupsOf, queries } from '../observability/queries.ts';

export interface SavedQueriesProps {
  /** Of the deployment: the folder that they are in. */
  readonly name: string;
}

/** The runbook's questions, saved in CloudWatch Logs Insights. Make it last in its stack: they name log groups, which must be there. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { name }: SavedQueriesProps) {
    super(scope, id);
    const groups = Stack.of(this)
      .node.findAll()
      .filter((each) => each instanceof LogGroup);
    for (const query of queries) {
      const definition = new CfnQueryDefinition(this, query.id, {
        name: `${name}/${query.id}`,
        queryString: [`# ${query.question}`, query.query.join('\n| ')].join('\n'),
        logGroupNames: [...logGroupsOf(name, query)],
      });
      definition.node.addDependency(...groups);
    }
  }
}
