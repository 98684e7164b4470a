/**
 * A CloudEvents 1.0 event as Weir takes it (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md):
 * `subject` is required, `time` too for a metered type. Extension attributes stay beside the named ones.
 */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly data?: unknown;
  readonly data_base64?: string;
  readonly [extension: string]: unknown;
}

/** Longest attribute values, in UTF-16 code units. */
export const LIMITS = { tenant: 64, subject: 128, source: 256, id: 128, type: 128 } as const;

/** Most bytes of a request's body, both on the wire and inflated: base64 of it still fits Lambda's 6 MB. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Most bytes of one event as JSON. */
export const MAX_EVENT_BYTES = 512 * 1024;
/** Most events of one batch. */
export const MAX_BATCH_EVENTS = 1000;
/** Event types of Weir's own begin so; no producer can be granted one. */
export const RESERVED_TYPE_PREFIX = 'weir.';
