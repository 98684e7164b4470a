import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { intrinsics, type Template } from './intrinsics.ts';

/** One action on one resource that a function's role allows or denies. */
export interface Permission {
  /** Name of the function. */
  readonly function: string;
  readonly effect: 'Allow' | 'Deny';
  /** Such as `dynamodb:PutItem`; may hold `*`. */
  readonly action: string;
  /** ARN; may hold `*`, and `{LogicalId}` for a name that only the deployment gives. */
  readonly resource: string;
  /** Operator → key → values. */
  readonly condition: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/**
 * What each function of an assembly may do, from the policies of its role.
 * @throws Error for what this does not understand: managed policies, `NotAction`, `NotResource`
 */
export function policiesOf(assembly: CloudAssembly): readonly Permission[] {
  const resolve = intrinsics(assembly);
  return assembly.stacks.flatMap(({ stackName, template }) => {
    const resources = Object.entries((template as Template).Resources);
    return resources
      .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
      .flatMap(([, { Properties }]) => {
        const name = resolve(stackName, Properties.FunctionName);
        const role = logicalId(Properties.Role);
        return statementsOf(role, template as Template).flatMap((statement) =>
          permissionsOf(name, statement, (value) => resolve(stackName, value)),
        );
      });
  });
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

function statementsOf(role: string, template: Template): readonly Statement[] {
  const { ManagedPolicyArns, Policies = [] } = template.Resources[role]!.Properties as {
    ManagedPolicyArns?: readonly unknown[];
    Policies?: readonly { PolicyDocument: PolicyDocument }[];
  };
  if (ManagedPolicyArns?.length) throw new Error(`${role} has managed policies: name what it needs instead.`);
  const attached = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::IAM::Policy')
    .map(({ Properties }) => Properties as unknown as { Roles?: unknown[]; PolicyDocument: PolicyDocument })
    .filter(({ Roles = [] }) => Roles.some((each) => logicalId(each) === role));
  return [...Policies, ...attached].flatMap((policy) => policy.PolicyDocument.Statement);
}

function permissionsOf(
  name: string,
  { Effect, Action, Resource, Condition = {} }: Statement,
  resolve: (value: unknown) => string,
): readonly Permission[] {
  if (Action === undefined || Resource === undefined)
    throw new Error(`${name}: a statement has no Action or Resource.`);
  const condition = Object.fromEntries(
    Object.entries(Condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, list(values).map(resolve)])),
    ]),
  );
  return list(Action).flatMap((action) =>
    list(Resource).map((resource) => ({
      function: name,
      effect: Effect,
      action: String(action),
      resource: resolve(resource),
      condition,
    })),
  );
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** The resource of the same template that `Ref` or `Fn::GetAtt` names. */
function logicalId(value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = value as {
    Ref?: string;
    'Fn::GetAtt'?: readonly [string, string];
  };
  const id = Ref ?? attribute?.[0];
  if (id === undefined) throw new Error(`${JSON.stringify(value)} names no resource of its template.`);
  return id;
}
