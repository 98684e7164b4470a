/** A message that could not be processed, taken from a dead letter queue for some minutes. */
export interface DeadLetter {
  readonly text: string;
  /** The queue's name for the message: the same each time that it is taken. */
  readonly id: string;
  /** When it was first sent, ms since the epoch. */
  readonly sentMs: number;
  /** By which this taking of it is named. */
  readonly handle: string;
}

/** A dead letter queue. */
export interface DeadLetters {
  /** Some messages that nobody else has taken; none where there seem to be no more. @throws where the queue does not answer. */
  take(): Promise<readonly DeadLetter[]>;
  /** Deletes messages for good. What could not be deleted comes again. @throws where the queue does not answer. */
  remove(letters: readonly DeadLetter[]): Promise<void>;
  /** Gives messages back at once, for whoever wants to send them to their queue again. @throws as above */
  release(letters: readonly DeadLetter[]): Promise<void>;
}
