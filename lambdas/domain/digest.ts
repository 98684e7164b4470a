/**
 * A bucket's digest: the sum modulo 2^256 of its events' SHA-256 hashes. A sum, so that order does not matter and an
 * event can be added without the others. It is carried as eight 32-bit words, most significant first, in Float64
 * lanes: these take 2^21 additions before a carry is due, where BigInt would pay for each.
 */
export type Digest = Float64Array;

const WORD = 2 ** 32;
const BYTES = 32;

export function emptyDigest(): Digest {
  return new Float64Array(8);
}

/** Adds a 32-byte hash in place. Call {@link carry} at least once every two million additions. */
export function addHash(digest: Digest, hash: Buffer): void {
  for (let lane = 0; lane < 8; lane++) digest[lane]! += hash.readUInt32BE(lane * 4);
}

/** Takes a 32-byte hash back out, in place. Every lane is then non-negative again. */
export function subtractHash(digest: Digest, hash: Buffer): void {
  // x − h ≡ x + (2^256 − h) = x + ~h + 1
  for (let lane = 0; lane < 8; lane++) digest[lane]! += WORD - 1 - hash.readUInt32BE(lane * 4);
  digest[7]! += 1;
  carry(digest);
}

/** Brings every lane below 2^32 in place; what runs over the top is dropped, as modulo 2^256 wants. */
export function carry(digest: Digest): void {
  let over = 0;
  for (let lane = 7; lane >= 0; lane--) {
    const sum = digest[lane]! + over;
    digest[lane] = sum % WORD;
    over = Math.floor(sum / WORD);
  }
}

/** 64 lower-case hex digits. */
export function digestToHex(digest: Digest): string {
  const carried = digest.slice();
  carry(carried);
  const bytes = Buffer.allocUnsafe(BYTES);
  for (let lane = 0; lane < 8; lane++) bytes.writeUInt32BE(carried[lane]!, lane * 4);
  return bytes.toString('hex');
}

/** @throws RangeError for anything but 64 hex digits. */
export function digestFromHex(hex: string): Digest {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new RangeError(`a digest is 64 lower-case hex digits, not "${hex}"`);
  const bytes = Buffer.from(hex, 'hex');
  const digest = emptyDigest();
  for (let lane = 0; lane < 8; lane++) digest[lane] = bytes.readUInt32BE(lane * 4);
  return digest;
}
