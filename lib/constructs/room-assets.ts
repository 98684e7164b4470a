import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileSystem } from 'aws-cdk-lib';

/** The folders under `lambdas/` that are a function each. */
export type Room =
  | 'ingest'
  | 'usage'
  | 'catalogue'
  | 'project'
  | 'archive'
  | 'mark'
  | 'receive'
  | 'normalise'
  | 'sweep'
  | 'recover'
  | 'plan'
  | 'scan'
  | 'fold'
  | 'resend'
  | 'conclude'
  | 'repair'
  | 'anchor'
  | 'guard'
  | 'watch'
  | 'probe'
  | 'widgets';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The bundles that `npm run build` made of the rooms. */
export class RoomAssets {
  readonly #folder: string;

  /** @param folder holds `<room>/handler.mjs`. @default - the build's own, `build/lambda` */
  constructor(folder: string = join(root, 'build', 'lambda')) {
    this.#folder = folder;
  }

  /**
   * The folder with the room's bundle.
   * @throws Error when there is none
   */
  directory(room: Room): string {
    const directory = join(this.#folder, room);
    if (!existsSync(join(directory, 'handler.mjs'))) {
      throw new Error(
        `${join(directory, 'handler.mjs')} is missing: run "npm run build", then the same again.`,
      );
    }
    return directory;
  }

  /** Every room's code version, by name. */
  builds(): Readonly<Record<string, string>> {
    const rooms = readdirSync(this.#folder).filter((room) =>
      existsSync(join(this.#folder, room, 'handler.mjs')),
    );
    return Object.fromEntries(rooms.sort().map((room) => [room, this.build(room as Room)]));
  }

  /** The room's code version: the package's, and 12 hex digits that change with every change of the bundle. */
  build(room: Room): string {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return `${version}+${FileSystem.fingerprint(this.directory(room)).slice(0, 12)}`;
  }
}
