// Runs a TypeScript entry on Node 24 from whatever Node (20 or newer) npm was started with.
// Plain JavaScript, and no import from node_modules: on a fresh clone nothing is installed yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.weir-lock-hash');

const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(3);
};

/**
 * Installs the locked npm packages once for each state of the lockfile. `install --no-save`, not `ci`: some registries
 * mirror no builds for other platforms, the lockfile then has no entry for them, and `ci` refuses such a lockfile.
 */
function ensurePackages() {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  process.stderr.write('Installing npm packages (once) …\n');
  const started = Date.now();
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  // Whatever NODE_ENV or npm's settings leave out.
  const all = ['--include=dev', '--include=optional'];
  const npm = spawnSync('npm', ['install', '--no-save', ...all, ...quiet], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (npm.error)
    fail(`npm could not be started (${npm.error.message}). Install Node.js 20 or newer with npm.`);
  if (npm.status !== 0) {
    fail(
      `npm install failed:\n${npm.stderr}\nIf the registry did not answer: check the network or proxy ` +
        '(npm config get registry; npm ping), then run the same command again.',
    );
  }
  if (!existsSync(join(root, 'node_modules', 'typescript'))) {
    fail(
      'npm install succeeded and left packages out. Look at what npm config list says of omit, dry-run and ' +
        'prefix, then run the same command again.',
    );
  }
  writeFileSync(stamp, hash);
  process.stderr.write(`npm packages installed in ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
}

/** The Node 24 that the lockfile brings for this platform, else this Node if it is new enough. */
function node24() {
  const packaged = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `Weir's tools need Node 24, and there is no packaged one for ${process.platform}-${process.arch} ` +
      `(this is ${process.version}). Install Node 24 and run the same command again.`,
  );
}

const [entry, ...rest] = process.argv.slice(2);
ensurePackages();
const node = node24();
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, entry), ...rest], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node)}:${join(root, 'node_modules', '.bin')}:${process.env.PATH}` },
});
// The terminal sends Ctrl-C to the whole group; the child decides how to end, and this waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
child.on('error', (error) =>
  fail(`${node} could not be started (${error.message}). Remove node_modules and try again.`),
);
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
