import { afterEach, describe, expect, it, vi } from 'vitest';
import { deployLocal, localEnvironment } from '../../scripts/deploy-local.ts';

afterEach(() => vi.unstubAllEnvs());

describe('deployLocal', () => {
  it.each([
    'https://cloudformation.eu-central-1.amazonaws.com',
    'https://amazonaws.com:443/x',
    'https://dynamodb.cn-north-1.amazonaws.com.cn',
    'http://192.168.1.20:4566',
    'http://localhost.example.com:4566',
    'http://127.example.com',
    'not a url',
  ])('never deploys to %s', async (endpoint) => {
    await expect(deployLocal({ endpoint, report: () => {} })).rejects.toThrow();
  });

  it('never deploys to AWS, even when AWS_ENDPOINT_URL names it', async () => {
    const endpoint = 'https://cloudformation.eu-central-1.amazonaws.com';
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
    await expect(deployLocal({ endpoint, report: () => {} })).rejects.toThrow(/AWS itself/);
  });
});

describe('localEnvironment', () => {
  it('has nothing of a real account, and keeps the rest', () => {
    for (const name of [
      'AWS_PROFILE',
      'AWS_SESSION_TOKEN',
      'AWS_ENDPOINT_URL_DYNAMODB',
      'CDK_DEFAULT_ACCOUNT',
    ]) {
      vi.stubEnv(name, 'real');
    }
    vi.stubEnv('npm_config_registry', 'https://registry.example.com');
    const env = localEnvironment('http://localhost:4566');
    expect(Object.values(env)).not.toContain('real');
    expect(env).toMatchObject({
      AWS_ENDPOINT_URL: 'http://localhost:4566',
      AWS_ENDPOINT_URL_S3: 'http://localhost:4566',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      npm_config_registry: 'https://registry.example.com',
    });
  });
});
