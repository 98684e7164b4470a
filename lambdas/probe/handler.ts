import { BelievedSecret } from '../adapters/believed-secret.ts';
import { DynamoProbeKeys } from '../adapters/dynamo-probe-keys.ts';
import { dynamoClient, secretsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { tell, took } from '../platform/metrics.ts';
import { systemClock, systemSleep } from '../platform/system.ts';
import { HttpApi } from './call-api.ts';
import type { ProbeEnv } from './env.ts';
import { type ProbeResult, runProbe } from './run-probe.ts';
import { readCertificate, showing } from './show-certificate.ts';

const env = readEnv<ProbeEnv>([
  ...(['API_URL', 'API_ID', 'KEY_SECRET', 'CERTIFICATE_SECRET', 'CONTROL_TABLE', 'GATHER_SECONDS'] as const),
]);
const secret = <T>(secretId: string, parse: (text: string) => T) =>
  new BelievedSecret(secretsClient(), secretId, systemClock, parse);
// On an endpoint of one's own the API hangs below it, whatever host its address names.
const local = process.env.AWS_ENDPOINT_URL;
const url = local ? `${local}/_aws/execute-api/${env.API_ID}/live` : env.API_URL;
const ports = {
  api:
    env.CERTIFICATE_SECRET === 'none'
      ? new HttpApi(url)
      : new HttpApi(url, showing(secret(env.CERTIFICATE_SECRET, readCertificate))),
  // API Gateway's copy is made of the same text.
  key: secret(env.KEY_SECRET, (text) => `wp_${text}`),
  keys: new DynamoProbeKeys(dynamoClient(), env.CONTROL_TABLE),
  clock: systemClock,
  sleep: systemSleep,
};

/** Run each minute by a rule, and by whoever wants to know now, such as `weir doctor` after a deploy. */
export const handler = invocation(async (): Promise<ProbeResult> => {
  const result = await runProbe(ports, Number(env.GATHER_SECONDS));
  const { minute, ok, roundTripMs, failed } = result;
  tell({ roundTrips: ok ? 1 : 0 });
  if (roundTripMs !== undefined) took('roundTripMs', roundTripMs);
  if (failed) logger.error('the probe did not come back', { minute, ...failed });
  return result;
});
