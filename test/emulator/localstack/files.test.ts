// The parts that need no LocalStack: archives, refusals, and what the log says was only pretended.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refuseAws } from '../../../localstack/endpoint.ts';
import { pretendedIn, unexpectedlyPretended } from '../../../localstack/pretended.ts';
import { zip } from '../../../localstack/zip.ts';

test('a zip is read by other programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-zip-'));
  try {
    const file = join(folder, 'a.zip');
    writeFileSync(
      file,
      zip({ 'index.mjs': 'export const ü = 1;', 'folder/bytes.bin': Buffer.alloc(70_000, 7), empty: '' }),
    );
    const script =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print([(i.filename, i.file_size) for i in z.infolist()])';
    const { stdout, status } = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout.trim()).toBe("[('index.mjs', 20), ('folder/bytes.bin', 70000), ('empty', 0)]");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the same files give the same bytes', () => {
  expect(zip({ a: '1' })).toEqual(zip({ a: '1' }));
});

test.each([
  'http://localhost:4566',
  'http://127.0.0.1:1',
  'https://localstack.example.com',
  'http://amazonaws.com.evil.example',
])('%s is not AWS', (endpoint) => expect(() => refuseAws(endpoint)).not.toThrow());

test.each([
  'https://s3.amazonaws.com',
  'https://x.us-gov-west-1.amazonaws.com/',
  'https://S3.AMAZONAWS.COM.',
])('%s is AWS', (endpoint) => expect(() => refuseAws(endpoint)).toThrow('AWS itself'));

test('what was only pretended is found in the log, and judged', () => {
  const line = (type: string) =>
    `2026-01-01T00:00:00.000  WARN --- [et.reactor-0] l.s.c.e.v2 : Deployment of resource type ${type} succeeded, but will fail in upcoming LocalStack releases unless …`;
  const log = [
    line('AWS::WAFv2::WebACL'),
    'another line',
    line('AWS::CloudWatch::Dashboard'),
    line('AWS::WAFv2::WebACL'),
  ].join('\n');
  expect(pretendedIn(log)).toEqual(['AWS::CloudWatch::Dashboard', 'AWS::WAFv2::WebACL']);
  expect(unexpectedlyPretended(pretendedIn(log))).toEqual(['AWS::WAFv2::WebACL']);
});
