import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, type BuildResult, build, type Metafile } from 'esbuild';
import { writeIfChanged } from './files.ts';
import { trimSourceMap } from './trim-source-map.ts';

/** How large a room's bundle is, and what of. */
export interface RoomBundle {
  readonly room: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Bytes in the bundle by package, the largest first; `weir` is our own code. */
  readonly inputs: readonly { readonly package: string; readonly bytes: number }[];
}

/** CommonJS in a package may ask for Node's own modules with `require`, which an ES module doesn't have. */
const REQUIRE =
  "import { createRequire as weirRequire } from 'node:module';const require = weirRequire(import.meta.url);";

/**
 * Bundles `lambdas/<room>/handler.ts` with all that it needs, the AWS SDK too, into `build/lambda/<room>/handler.mjs`
 * and its source map. The same sources and packages give the same bytes, wherever the project stands, so that CDK
 * deploys a function only when it has changed.
 */
export async function bundleRoom(root: string, room: string): Promise<RoomBundle> {
  const outfile = `build/lambda/${room}/handler.mjs`;
  let bundled = await bundle(root, room, outfile);
  if (asksForRequire(bundled.metafile)) bundled = await bundle(root, room, outfile, REQUIRE);
  const file = (suffix: string) => bundled.outputFiles.find(({ path }) => path.endsWith(suffix))!;
  const code = file('.mjs').contents;
  await writeIfChanged(join(root, outfile), code);
  await writeIfChanged(join(root, `${outfile}.map`), trimSourceMap(file('.map').text));
  return {
    room,
    bytes: code.byteLength,
    gzipBytes: gzipSync(code, { level: 9 }).byteLength,
    inputs: inputsOf(bundled.metafile),
  };
}

type Bundled = BuildResult<{ write: false; metafile: true }>;

function bundle(root: string, room: string, outfile: string, banner?: string): Promise<Bundled> {
  const options = {
    absWorkingDir: root,
    entryPoints: [`lambdas/${room}/handler.ts`],
    outfile,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages' ES modules, of which esbuild can leave out what isn't used.
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
    ...(banner !== undefined && { banner: { js: banner } }),
  } as const satisfies BuildOptions;
  return build(options);
}

function asksForRequire({ outputs }: Metafile): boolean {
  return Object.values(outputs).some(({ imports }) =>
    imports.some(({ kind, external }) => kind === 'require-call' && external),
  );
}

function inputsOf({ outputs }: Metafile): RoomBundle['inputs'] {
  const bytes = new Map<string, number>();
  for (const output of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'weir';
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...bytes]
    .map(([name, size]) => ({ package: name, bytes: size }))
    .sort((a, b) => b.bytes - a.bytes || (a.package < b.package ? -1 : 1));
}
