/** What a producer sends, beside what it may. */
export interface ProducerRate {
  readonly tenant: string;
  readonly producer: string;
  /** Events a second that it offers, whatever becomes of them: over a whole minute, the last one or the present one. */
  readonly offered: number;
  /** Events a second that its tier allows. */
  readonly budget: number;
}

/** How far the projector is behind the log. */
export interface Lag {
  /** Beyond what may pass between two marks. */
  readonly seconds: number;
  /** Whether it has come on lately. One that stands still is an outage: shedding would not help, and is not done. */
  readonly moves: boolean;
  /**
   * Whether, as far as it was watched coming on, the lag gets no less. Where it does, as after an outage, what comes fits, and
   * the rest is a matter of time; so it is taken to be until it was watched for a while.
   */
  readonly stays: boolean;
}

/** What guard steers by. */
export interface Signals {
  /** Names of guarding alarms that are in ALARM. */
  readonly alarms: readonly string[];
  /** @default - not known: neither a reason to shed nor against release */
  readonly lag?: Lag;
  /** Those that may be over their budget, and those that are held. @default - not known: nobody is held for it, nor released for keeping within */
  readonly producers?: readonly ProducerRate[];
}

/** When guard steps. Seconds. */
export interface SteerSettings {
  /** Lag from which on the log's consumers are overloaded. */
  readonly lagSeconds: number;
  /** Lag below which all is calm. */
  readonly calmLagSeconds: number;
  /** Least time between two steps. */
  readonly stepSeconds: number;
  /** Time of calm before each step down. */
  readonly calmSeconds: number;
}
