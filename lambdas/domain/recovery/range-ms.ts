/** A request's range in ms since the epoch; without a bound it has no end there. */
export function rangeMs({ from, to }: { readonly from?: string; readonly to?: string }) {
  return {
    fromMs: from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from),
    toMs: to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to),
  };
}
