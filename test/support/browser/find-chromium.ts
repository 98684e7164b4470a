import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { unpackChromium } from './unpack-chromium.ts';

/** A Chromium, and what has to stand in its environment. */
export interface Chromium {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The Chromium that tests use: WEIR_CHROMIUM, else one that is installed, else the one that an npm package brings for
 * Linux on x64, with the libraries and the font that it needs. That one is unpacked once, into the cache.
 *
 * @throws Error that says what to install
 */
export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<Chromium> {
  const installed = env.WEIR_CHROMIUM || PLACES.find((path) => existsSync(path));
  if (installed) return { executablePath: installed, env: {} };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('No Chromium is here. Install Chromium or Chrome, or name one in WEIR_CHROMIUM.');
  }
  const folder = await unpackChromium(
    join(env.XDG_CACHE_HOME || join(env.HOME ?? homedir(), '.cache'), 'weir'),
  );
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  };
}
