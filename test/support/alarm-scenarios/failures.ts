import type { Failing } from './failing.ts';
import { flow } from './failures-of-flow.ts';
import { proofs } from './failures-of-proofs.ts';
import { senders } from './failures-of-senders.ts';

/** The failures of the design, each as it would show. */
export const failures: readonly Failing[] = [...proofs, ...senders, ...flow];
