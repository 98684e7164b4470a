import { RemovalPolicy } from 'aws-cdk-lib';
import type { WeirConfig } from '../config/index.ts';

/**
 * What becomes of data when its stack is deleted. Kept data stays under its name, so that a stack made again in its
 * place fails loudly (use `cdk import`) and does not begin from zero; only a first deployment that fails takes its own away.
 */
export function dataRemoval(config: WeirConfig): RemovalPolicy {
  return config.keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
