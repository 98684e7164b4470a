import { GetAliasCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { bad, type Finding, good, note } from './finding.ts';

/** What callers invoke: lib/constructs/release.ts. */
const LIVE = 'live';
/** Those that are released by canary, in the order in which they are: a release under way is at any of them. */
export const RELEASED = ['project', 'archive', 'normalise', 'ingest', 'usage', 'catalogue', 'receive'];

export interface Canary {
  readonly name: string;
  readonly lambda: Pick<LambdaClient, 'send'>;
}

/** Whether a release takes itself back where it goes wrong, and whether one is under way. */
export async function* checkCanary({ name, lambda }: Canary): AsyncGenerator<Finding> {
  for (const room of RELEASED) {
    const FunctionName = `${name}-${room}`;
    const weights = await weightsOf(lambda, FunctionName);
    if (weights === undefined) {
      const next =
        "Set release: 'canary' in lib/config/settings.ts; a release that fails is then taken back by itself.";
      yield note('canary', `${FunctionName} goes live all at once`, next);
      return;
    }
    const [[version, share] = []] = Object.entries(weights);
    if (version !== undefined) {
      const detail = `version ${version} of ${FunctionName} has ${100 * (share ?? 0)} % of the calls`;
      yield bad('canary', detail, 'A release is under way: let it end, which may take some twenty minutes.');
      return;
    }
  }
  yield good('canary', 'releases go by canary, and none is under way');
}

/** Undefined where there is no such alias. */
async function weightsOf(
  lambda: Canary['lambda'],
  FunctionName: string,
): Promise<Readonly<Record<string, number>> | undefined> {
  try {
    const { RoutingConfig } = await lambda.send(new GetAliasCommand({ FunctionName, Name: LIVE }));
    return RoutingConfig?.AdditionalVersionWeights ?? {};
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
