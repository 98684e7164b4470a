import { LIMITS } from '../domain/cloudevent.ts';
import { readTime, TIMES } from '../domain/trace/read-time.ts';

/** What a widget is asked to show, as it came: nothing of it is to be believed. */
export type Given = Readonly<Record<string, unknown>>;

/** A parameter that is missing or can't be taken. Its message is for whoever looks at the widget. */
export class ParamError extends Error {
  override readonly name = 'ParamError';
}

/**
 * The parameters of a call: those of the widget or of the button, and over them what was filled into its form, as
 * CloudWatch hands it in.
 */
export function paramsOf(event: unknown): Given {
  const given = objectOf(event);
  const filled = objectOf(objectOf(objectOf(given.widgetContext).forms).all);
  const texts = Object.entries(filled).filter(
    ([, value]) => typeof value === 'string' && value.trim() !== '',
  );
  return { ...given, ...Object.fromEntries(texts.map(([name, value]) => [name, (value as string).trim()])) };
}

function objectOf(value: unknown): Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Given) : {};
}

const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** @throws ParamError */
export function optionalText(given: Given, name: string, most: number): string | undefined {
  const value = given[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string' && value.length <= most && !FORBIDDEN.test(value)) return value;
  throw new ParamError(`${name} must be a text of 1 to ${most} characters, none of them a control character`);
}

/** @throws ParamError */
export function neededText(given: Given, name: string, most: number): string {
  const value = optionalText(given, name, most);
  if (value === undefined) throw new ParamError(`${name} is missing`);
  return value;
}

export const tenantIn = (given: Given) => optionalText(given, 'tenant', LIMITS.tenant);

/** A whole number, also as the text that a form makes of it. @throws ParamError */
export function wholeIn(
  given: Given,
  name: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  const value = given[name] ?? otherwise;
  const number = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
  if (Number.isInteger(number) && (number as number) >= least && (number as number) <= most)
    return number as number;
  throw new ParamError(`${name} must be a whole number from ${least} to ${most}`);
}

/** A time in ms since the epoch: see `readTime`. @throws ParamError */
export function timeIn(given: Given, name: string, nowMs: number): number | undefined {
  const text = optionalText(given, name, 40);
  if (text === undefined) return undefined;
  const ms = readTime(text, nowMs);
  if (ms !== undefined) return ms;
  throw new ParamError(`${name} must be ${TIMES}`);
}
