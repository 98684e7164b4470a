/** What a check found. */
export interface Finding {
  /** `note`: nothing is broken, but somebody should look. */
  readonly state: 'good' | 'note' | 'bad';
  readonly check: string;
  readonly detail: string;
  /** What to do about it. */
  readonly next?: string;
}

export function good(check: string, detail: string): Finding {
  return { state: 'good', check, detail };
}

export function note(check: string, detail: string, next: string): Finding {
  return { state: 'note', check, detail, next };
}

export function bad(check: string, detail: string, next: string): Finding {
  return { state: 'bad', check, detail, next };
}
