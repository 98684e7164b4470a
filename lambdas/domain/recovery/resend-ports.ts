/** What the sample of a fingerprint is told when what it stands for was redriven. */
export interface RedrivenNote {
  readonly tenant: string;
  readonly fingerprint: string;
  readonly requestId: string;
  /** RFC 3339, ms. */
  readonly at: string;
  /** Name of the part of the run that did it: each is added once. */
  readonly part: string;
  /** Sent again by this part. */
  readonly events: number;
}

/** Samples of quarantine, for those who redrive. */
export interface RedrivenSamples {
  /** Adds a part of a run to the fingerprint's sample, if there is one; once, however often it is called. */
  note(note: RedrivenNote): Promise<void>;
}

/** How a move of dead letters stands. */
export interface LetterMove {
  readonly running: boolean;
  /** When it was started, ms since the epoch. */
  readonly startedMs: number;
  /** About so many. */
  readonly moved: number;
  /** Why it failed, if it did. */
  readonly failed?: string;
}

/** Moves a dead letter queue back to the queues that its messages came from. */
export interface LetterMover {
  /** @param perSecond messages, at most: from 1 to 500 */
  start(perSecond: number): Promise<void>;
  /** The latest move, or undefined where there was none lately. */
  latest(): Promise<LetterMove | undefined>;
}

/** A range of the log that the projector's event source mapping gave up. */
export interface GivenUp {
  readonly shardId: string;
  /** Both inclusive. */
  readonly first: string;
  readonly last: string;
  /** Why, in the mapping's word: `RetryAttemptsExhausted`, `MaxRecordAgeExceeded`, … */
  readonly condition: string;
  /** When, in ms since the epoch, if it says so. */
  readonly atMs?: number;
}

/** What `repair` has done for a pointer: noted when all of it is in the log again. */
export interface RepairNote {
  readonly messageId: string;
  readonly shardId: string;
  readonly first: string;
  readonly last: string;
  /** RFC 3339, ms. */
  readonly at: string;
  /** Records sent again. */
  readonly sent: number;
  /** Put on every open shard after that: once the projector has passed it everywhere, the range is counted. */
  readonly mark: string;
  /** Why an operator is needed all the same, if one is. */
  readonly failed?: string;
}

export interface RepairNotes {
  find(messageId: string): Promise<RepairNote | undefined>;
  /** Notes it unless there is a note already. */
  put(note: RepairNote): Promise<void>;
}

/** Where pointers go that nobody can heal without an operator. */
export interface RepairDeadLetters {
  /** @param body the pointer as it was; resolves once the queue has it durably */
  send(body: string, messageId: string, reason: string): Promise<void>;
}
