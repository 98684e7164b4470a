import type { IncomingMessage } from 'node:http';
import { explain } from '../../cli/platform/errors.ts';
import { checkSender, Refusal } from './check-request.ts';
import { findPageFile } from './page-files.ts';
import type { ConsoleSource, WidgetParams } from './ports.ts';
import { readBody } from './read-body.ts';

/** What is sent back. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

type Route = (source: ConsoleSource, request: IncomingMessage) => Promise<unknown>;

const READS: Readonly<Record<string, Route>> = {
  '/api/about': async ({ about }) => about,
  '/api/charts': (source) => source.readCharts(),
};
const CALLS: Readonly<Record<string, Route>> = { '/api/widget': callWidget };

/** Answers one request, whoever sent it. Does not throw. */
export async function answerRequest(
  request: IncomingMessage,
  source: ConsoleSource,
  port: number,
): Promise<Answer> {
  try {
    return await answer(request, source, port);
  } catch (error) {
    if (error instanceof Refusal) return problem(error.status, error.message);
    const { message, hint } = explain(error, source.about.where);
    return problem(502, message, hint);
  }
}

async function answer(request: IncomingMessage, source: ConsoleSource, port: number): Promise<Answer> {
  const { method = 'GET', headers, url = '/' } = request;
  const path = url.split('?')[0]!;
  const call = own(CALLS, path);
  const read = own(READS, path);
  checkSender(headers, port, call ? 'call' : read ? 'numbers' : 'page');
  const allowed = call ? ['POST'] : ['GET', 'HEAD'];
  if (!allowed.includes(method)) {
    const refused = problem(405, `${path} takes ${allowed[0]}.`);
    return { ...refused, headers: { allow: allowed.join(', ') } };
  }
  const route = call ?? read;
  if (route) return json(200, await route(source, request));
  const file = findPageFile(path);
  if (!file) throw new Refusal(404, `There is no ${path} here.`);
  return { status: 200, ...file };
}

/** A call of a widget's action names a function: as in CloudWatch, but any other than the widgets' is refused. */
async function callWidget(source: ConsoleSource, request: IncomingMessage): Promise<{ html: string }> {
  const { params, endpoint } = asObject(await readBody(request));
  if (endpoint !== undefined && !(typeof endpoint === 'string' && source.isWidgets(endpoint))) {
    throw new Refusal(403, 'This console calls the function of its widgets, and no other.');
  }
  return { html: await source.callWidget(asObject(params)) };
}

function asObject(value: unknown): WidgetParams {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as WidgetParams;
  throw new Refusal(400, 'The body is {"params": {…}, "endpoint"?: "…"}.');
}

function own<T>(of: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(of, key) ? of[key] : undefined;
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

function problem(status: number, message: string, hint?: string): Answer {
  return json(status, { message, ...(hint !== undefined && { hint }) });
}
