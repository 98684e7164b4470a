import { gzipSync } from 'node:zlib';
import { sha256Hex } from '../domain/manifest.ts';
import type { CertifiedObject, ProofFile, ProofWriter } from '../domain/recovery/chain-section.ts';
import type { RunFiles } from '../domain/recovery/ports.ts';
import { runFiles } from '../domain/recovery/run.ts';

/** Objects in one file, and so at most in memory: some 12 MB of text, 4 MB compressed. */
const OBJECTS_PER_FILE = 20_000;

/** Writes a shard's proofs into files of the run, one after the other. Written again, they are the same. */
export class ProofFiles implements ProofWriter {
  readonly #files: Pick<RunFiles, 'put'>;
  readonly #requestId: string;
  readonly #shardId: string;
  readonly #perFile: number;
  readonly #written: ProofFile[] = [];
  #lines: string[] = [];

  constructor(
    files: Pick<RunFiles, 'put'>,
    requestId: string,
    shardId: string,
    perFile: number = OBJECTS_PER_FILE,
  ) {
    this.#files = files;
    this.#requestId = requestId;
    this.#shardId = shardId;
    this.#perFile = perFile;
  }

  async write(object: CertifiedObject): Promise<void> {
    this.#lines.push(`${JSON.stringify(object)}\n`);
    if (this.#lines.length >= this.#perFile) await this.#flush();
  }

  async end(): Promise<readonly ProofFile[]> {
    if (this.#lines.length > 0) await this.#flush();
    return this.#written;
  }

  async #flush(): Promise<void> {
    const bytes = gzipSync(this.#lines.join(''));
    this.#lines = [];
    const file = `${this.#shardId}-${String(this.#written.length).padStart(8, '0')}.ndjson.gz`;
    await this.#files.put(this.#requestId, runFiles.proof(file), bytes);
    this.#written.push({ file, sha256: sha256Hex(bytes) });
  }
}
