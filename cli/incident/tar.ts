import type { BundleFile } from './part.ts';

const BLOCK = 512;

/** Files as a tar archive (POSIX.1-1988, "ustar"). Paths must be ASCII and shorter than 100 characters. @param now ms */
export function packTar(files: readonly BundleFile[], now: number): Buffer {
  const blocks = files.flatMap(({ path, text }) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [header(path, content.length, now), content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, size: number, now: number): Buffer {
  if (!/^[\x21-\x7e]{1,99}$/.test(path)) throw new Error(`${path} does not fit into a tar's header`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, '0');
  block.write(path, 0);
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(Math.floor(now / 1000), 12), 136);
  // The checksum is made with spaces in its own place.
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)}\u0000 `, 148);
  return block;
}
