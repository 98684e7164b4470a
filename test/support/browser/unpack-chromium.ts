import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';

/** What the package's own code does for Lambda, in one folder for each version, whole or not there. */
const PACKED = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..');

/** Unpacks the packaged Chromium below `cache`, once. @returns the folder: `chromium`, `lib`, `fonts`, 220 MB */
export async function unpackChromium(cache: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(PACKED, 'package.json'), 'utf8')) as { version: string };
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'chromium-'));
  try {
    await Promise.all([
      pipeline(open('chromium.br'), createWriteStream(join(draft, 'chromium'), { mode: 0o755 })),
      untar('al2023.tar.br', draft),
      untar('fonts.tar.br', draft),
    ]);
    writeFileSync(join(draft, 'fonts.conf'), fontSettings(folder));
    renameSync(draft, folder);
  } catch (error) {
    // Another run was faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

const open = (name: string) => createReadStream(join(PACKED, 'bin', name)).compose(createBrotliDecompress());

async function untar(name: string, into: string): Promise<void> {
  const tar = spawn('tar', ['-x', '--no-same-owner', '-C', into], { stdio: ['pipe', 'ignore', 'inherit'] });
  const closed = once(tar, 'close');
  await pipeline(open(name), tar.stdin);
  const [status] = (await closed) as [number | null];
  if (status !== 0) throw new Error(`tar could not unpack ${name} (exit status ${status})`);
}

function fontSettings(folder: string): string {
  const places = [join(folder, 'fonts'), '/usr/share/fonts'].map((place) => `<dir>${place}</dir>`).join('');
  const cache = `<cachedir>${join(folder, 'font-cache')}</cachedir>`;
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${places}${cache}</fontconfig>\n`;
}
