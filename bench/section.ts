import type { DynamoDbLocal } from './emulate/dynamodb-local.ts';
import type { StateCost } from './state-cost.ts';

/** What every part of the bench is given. */
export interface BenchContext {
  /** Fewer deliveries and runs: to see that the bench works, not to quote. */
  readonly quick: boolean;
  readonly dynamo: DynamoDbLocal;
  readonly progress: Progress;
  /** What Weir's state costs, by workload, once it has been measured. */
  readonly stateCosts: Map<string, StateCost>;
}

/** Tells a person how far a part has come; `done` from 0 to 1. */
export type Progress = (what: string, done: number) => void;

/** Something that must be reached. */
export interface Target {
  readonly name: string;
  readonly value: number;
  /** At most this. */
  readonly limit: number;
  readonly unit: string;
}

export function isMet({ value, limit }: Target): boolean {
  return value <= limit;
}

/** What a part found: text for people, the same as data, and what had to be reached. */
export interface SectionResult {
  readonly title: string;
  readonly text: string;
  readonly data: unknown;
  readonly targets: readonly Target[];
}

export type Section = (context: BenchContext) => Promise<SectionResult>;
