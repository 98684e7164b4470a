import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UpdateFunctionCodeCommand, waitUntilFunctionUpdatedV2 } from '@aws-sdk/client-lambda';
import { zip } from '../../localstack/zip.ts';
import { bundleRoom } from '../../scripts/build/bundle-room.ts';
import { compileContracts } from '../../scripts/build/compile-contracts.ts';
import { aws } from './pipeline.ts';

const root = join(import.meta.dirname, '../..');

/** A folder of contracts: the project's own, and those given, by type and path. */
export async function contractsWith(
  more: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'weir-contracts-')), 'contracts');
  await cp(join(root, 'contracts'), folder, { recursive: true });
  for (const [type, files] of Object.entries(more)) {
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, type, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, JSON.stringify(content, null, 2));
    }
  }
  return folder;
}

/** Deploys the code of every function anew, built from this tree with other contracts: what a release does, without the rest. */
export async function deployContracts(contracts: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-release-'));
  try {
    await cp(join(root, 'lambdas'), join(folder, 'lambdas'), { recursive: true });
    await cp(join(root, 'package.json'), join(folder, 'package.json'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await compileContracts(contracts, join(folder, 'build', 'contracts'));
    await Promise.all((await roomsWithContracts(folder)).map((room) => deployRoom(folder, room)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function roomsWithContracts(folder: string): Promise<string[]> {
  const rooms: string[] = [];
  for (const room of await readdir(join(folder, 'lambdas'))) {
    const handler = await readFile(join(folder, 'lambdas', room, 'handler.ts'), 'utf8').catch(() => '');
    if (handler.includes('build/contracts/')) rooms.push(room);
  }
  return rooms;
}

async function deployRoom(folder: string, room: string): Promise<void> {
  await bundleRoom(folder, room);
  const code = await readFile(join(folder, 'build', 'lambda', room, 'handler.mjs'));
  const FunctionName = `weir-${room}`;
  await aws.lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zip({ 'handler.mjs': code }) }),
  );
  await waitUntilFunctionUpdatedV2({ client: aws.lambda, maxWaitTime: 60, minDelay: 1 }, { FunctionName });
}
