/** Settings of the AWS SDK that could lead to a real account, but for the endpoint that was given on purpose. */
const LEADS_AWAY = /^(AWS_(?!ENDPOINT_URL$)|CDK_|WEIR_API_)/;

/**
 * Takes everything out of this process's environment that could lead to a real account, and puts credentials there that
 * open none. Every client that is made after this, and every process that is started, has only these.
 */
export function leaveAccountsAlone(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(env)) if (LEADS_AWAY.test(name)) delete env[name];
  Object.assign(env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
}
