/** What is remembered of a delivery from its first receipt on. */
export interface FirstReceipt {
  /** RFC 3339, UTC, milliseconds: the event's time where its body has none. */
  readonly time: string;
  /** Hash of what was billed of it: `NormalisedDelivery.billedHash`. */
  readonly hash: string;
}

/** Who came with a body first. */
export interface BodyClaim {
  readonly deliveryId: string;
  /** RFC 3339: when. */
  readonly time: string;
}

/** A delivery is being fixed by somebody else at this moment: try again. */
export class DeliveryBusyError extends Error {
  override readonly name = 'DeliveryBusyError';
}

/** What was received before, by endpoint and delivery id. */
export interface Deliveries {
  /**
   * Remembers a delivery's first receipt, or gives back what is remembered of it. A claim as good as forgotten (its
   * keeper died before it was written) is taken over.
   * @param keepSeconds How long it is remembered, from now.
   * @throws DeliveryBusyError; and where the store can't be reached.
   */
  fix(endpoint: string, deliveryId: string, first: FirstReceipt, keepSeconds: number): Promise<FirstReceipt>;
  /**
   * Remembers for ever under which delivery id a body came first, or gives back what is remembered of it.
   * @param bodyHash SHA-256, 64 hex digits.
   * @throws where the store can't be reached.
   */
  claimBody(endpoint: string, bodyHash: string, claim: BodyClaim): Promise<BodyClaim>;
}
