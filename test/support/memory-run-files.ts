import type { RunFiles } from '../../lambdas/domain/recovery/ports.ts';
import type { Around } from './memory-state.ts';

/** A run's files in memory. Instances over one map are rivals over one bucket. */
export class MemoryRunFiles implements RunFiles {
  /** By `<requestId>/<name>`. */
  readonly files: Map<string, Buffer>;
  readonly #around: Around;

  constructor(around: Around = () => {}, files = new Map<string, Buffer>()) {
    this.#around = around;
    this.files = files;
  }

  put(requestId: string, name: string, bytes: Uint8Array): Promise<void> {
    return this.#call('put', () => {
      this.files.set(`${requestId}/${name}`, Buffer.from(bytes));
    });
  }

  putNew(requestId: string, name: string, bytes: Uint8Array): Promise<boolean> {
    return this.#call('putNew', () => {
      const path = `${requestId}/${name}`;
      if (this.files.has(path)) return false;
      this.files.set(path, Buffer.from(bytes));
      return true;
    });
  }

  get(requestId: string, name: string): Promise<Buffer | undefined> {
    return this.#call('get', () => this.files.get(`${requestId}/${name}`));
  }

  getPart(requestId: string, name: string, start: number, length: number): Promise<Buffer | undefined> {
    return this.#call('getPart', () => {
      const bytes = this.files.get(`${requestId}/${name}`);
      const at = bytes && start < 0 ? Math.max(bytes.length + start, 0) : start;
      return bytes?.subarray(at, at + length);
    });
  }

  list(requestId: string, prefix: string): Promise<readonly string[]> {
    return this.#call('list', () =>
      [...this.files.keys()]
        .filter((path) => path.startsWith(`${requestId}/${prefix}`))
        .map((path) => path.slice(requestId.length + 1))
        .sort(),
    );
  }

  async #call<T>(operation: string, effect: () => T): Promise<T> {
    await this.#around(operation, 'before');
    const result = effect();
    await this.#around(operation, 'after');
    return result;
  }
}
