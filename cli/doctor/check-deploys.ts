import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { stackNames } from '../platform/stack-outputs.ts';
import { bad, type Finding, good } from './finding.ts';

export interface Deploys {
  /** The deployment's. */
  readonly name: string;
  readonly formation: Pick<CloudFormationClient, 'send'>;
}

/** Whether somebody deploys, or a deploy is stuck: another one would wait for it, or fail half-way. */
export async function* checkDeploys({ name, formation }: Deploys): AsyncGenerator<Finding> {
  let still = true;
  for (const StackName of stackNames(name)) {
    const { Stacks } = await formation.send(new DescribeStacksCommand({ StackName }));
    const status = Stacks?.[0]?.StackStatus ?? 'unknown';
    if (/_COMPLETE$/.test(status)) continue;
    still = false;
    const next = /_IN_PROGRESS$/.test(status)
      ? 'Somebody deploys: let it end.'
      : 'CloudFormation says why in the stack’s events; aws cloudformation continue-update-rollback goes on with a rollback.';
    yield bad('deploys', `${StackName} is ${status}`, next);
  }
  if (still) yield good('deploys', 'none is under way');
}
