import type { Random } from '../domain/ports.ts';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * The traceparent of this hop (https://www.w3.org/TR/trace-context/): the sender's trace with a span of our own, or a
 * new, unsampled trace where none was sent or what was sent is not valid.
 */
export function continueTrace(sent: string | undefined, random: Random): string {
  const match = sent === undefined || sent.length > 512 ? null : TRACEPARENT.exec(sent);
  const [, version, trace, parent, flags, rest] = match ?? [];
  const valid =
    match && version !== 'ff' && (version !== '00' || !rest) && !/^0+$/.test(trace!) && !/^0+$/.test(parent!);
  return valid ? `00-${trace}-${random.hex(8)}-${flags}` : `00-${random.hex(16)}-${random.hex(8)}-00`;
}
