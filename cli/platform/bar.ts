/** A share as a bar of blocks: nothing at 0 and below, full at 1 and above. */
export function bar(share: number, width = 20): string {
  const full = Math.round(Math.min(1, Math.max(0, Number.isNaN(share) ? 0 : share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** `82.1 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
