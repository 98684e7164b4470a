import { type LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';

/** A function as it is deployed. */
export interface DeployedFunction {
  readonly name: string;
  /** What was deployed: the hash of its code, and ours. */
  readonly codeSha256: string;
  readonly build: string | undefined;
  readonly modified: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

/** A room's name is one word: `weir-staging-ingest` is a function of another deployment than `weir-ingest`. */
export const isFunctionOf = (deployment: string, name: string): boolean =>
  name.startsWith(`${deployment}-`) && /^[a-z]+$/.test(name.slice(deployment.length + 1));

/** The functions of a deployment, by name. */
export async function listFunctions(
  client: LambdaClient,
  deployment: string,
): Promise<readonly DeployedFunction[]> {
  const found: DeployedFunction[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const each of Functions) {
      if (each.FunctionName === undefined || !isFunctionOf(deployment, each.FunctionName)) continue;
      found.push({
        name: each.FunctionName,
        codeSha256: each.CodeSha256 ?? '',
        build: each.Environment?.Variables?.BUILD,
        modified: each.LastModified ?? '',
        memoryMb: each.MemorySize ?? 0,
        timeoutSeconds: each.Timeout ?? 0,
      });
    }
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}
