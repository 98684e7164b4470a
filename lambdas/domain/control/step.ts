import type { Control } from './control.ts';

/** By whom guard's own decisions are: no operator may have this name. */
export const GUARD = 'guard';

/** What a step changes, and what is said of it. */
export type Step = Pick<Control, 'held' | 'level'> & { readonly says: string };
