// The runtime of one function: loads the handler, takes invocations from one pipe and answers on another.
// It does what AWS's Node.js 24 runtime does where a function can see it: console, context, error types, exits.
import { existsSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const [requestFd, resultFd] = process.argv.splice(2, 2).map(Number);
/** Begins the line that says "this invocation's output ends here"; executor.py looks for it. */
const END_OF_OUTPUT = '\x1e';

/** The invocation that is being handled. */
let current;

function writeAll(fd, text) {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function answer(message) {
  writeAll(1, `${END_OF_OUTPUT}\n`);
  writeAll(resultFd, `${JSON.stringify(message)}\n`);
}

// Errors --------------------------------------------------------------------------------------------------------------

function describe(error) {
  if (
    error instanceof Error ||
    (typeof error === 'object' && error !== null && 'message' in error && 'stack' in error)
  ) {
    return {
      errorType: String(error.name ?? 'Error'),
      errorMessage: String(error.message),
      trace: String(error.stack ?? '').split('\n'),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function runtimeError(name, message, stack) {
  const error = new Error(message);
  error.name = name;
  if (stack) error.stack = stack.replace(/^[^\n]*/, `${name}: ${message.split('\n')[0]}`);
  return error;
}

function fromImport(error) {
  if (error instanceof SyntaxError) {
    return runtimeError('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error.stack);
  }
  if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
    return runtimeError('Runtime.ImportModuleError', `Error: ${error.message}`, error.stack);
  }
  return error;
}

// Console -------------------------------------------------------------------------------------------------------------

const LEVELS = { TRACE: 0, DEBUG: 1, INFO: 2, WARN: 3, ERROR: 4, FATAL: 5 };
const json = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const least = json ? (LEVELS[process.env.AWS_LAMBDA_LOG_LEVEL] ?? LEVELS.INFO) : LEVELS.TRACE;

function line(level, values) {
  const timestamp = new Date().toISOString();
  if (!json) {
    // One call is one event: executor.py turns the carriage returns back.
    return `${timestamp}\t${current?.id ?? 'undefined'}\t${level}\t${format(...values)}`.replaceAll(
      '\n',
      '\r',
    );
  }
  const [only] = values;
  const structured =
    values.length === 1 && typeof only === 'object' && only !== null && !(only instanceof Error);
  return JSON.stringify({
    timestamp,
    level,
    requestId: current?.id,
    message: structured ? only : format(...values),
  });
}

function patchConsole() {
  const levels = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...values) => {
      if (LEVELS[level] >= least) process.stdout.write(`${line(level, values)}\n`);
    };
  }
}

// Loading -------------------------------------------------------------------------------------------------------------

function splitHandler(handler) {
  const match = /^([^.]*)\.(.+)$/.exec(basename(handler));
  if (!match || handler.includes('..')) throw runtimeError('Runtime.MalformedHandlerName', 'Bad handler');
  return [join(dirname(handler), match[1]), match[2].split('.')];
}

async function load() {
  const handler = process.env._HANDLER;
  const [module, path] = splitHandler(handler);
  const file = ['.js', '.mjs', '.cjs']
    .map((suffix) => join(process.env.LAMBDA_TASK_ROOT, module + suffix))
    .find(existsSync);
  if (!file) throw runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${module}'`);
  const exports = await import(pathToFileURL(file).href).catch((error) => {
    throw fromImport(error);
  });
  const find = (from) => path.reduce((value, key) => value?.[key], from);
  const found = find(exports) ?? find(exports.default);
  if (typeof found !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  if (found.length >= 3) {
    throw runtimeError(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.',
    );
  }
  return found;
}

// Invoking ------------------------------------------------------------------------------------------------------------

function contextOf(request) {
  return {
    awsRequestId: request.id,
    invokedFunctionArn: request.functionArn,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, request.deadline - Date.now()),
  };
}

function serialize(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

function fail(error, exiting = false) {
  const description = describe(error);
  console.error(
    'Invoke Error',
    JSON.stringify({ ...description, trace: undefined, stack: description.trace }),
  );
  answer({ id: current.id, error: description, exiting });
  current = undefined;
}

async function invoke(handler, request) {
  current = request;
  process.env._X_AMZN_TRACE_ID = request.traceId;
  try {
    const payload = serialize(await handler(JSON.parse(request.payload || 'null'), contextOf(request)));
    // The invocation may have ended meanwhile, by an exception that nobody caught.
    if (current !== request) return;
    answer({ id: request.id, payload });
    current = undefined;
  } catch (error) {
    if (current === request) fail(error);
  }
}

function dieOf(error, status) {
  if (current) fail(error, true);
  else console.error('Uncaught Exception', JSON.stringify(describe(error)));
  process.exit(status);
}

function watchForDeath() {
  process.on('uncaughtException', (error) => dieOf(error, 129));
  process.on('unhandledRejection', (reason) => {
    const { errorMessage, trace } = describe(reason);
    dieOf(runtimeError('Runtime.UnhandledPromiseRejection', errorMessage, trace.join('\n')), 128);
  });
  // Reached only while an invocation waits for a promise that nothing can settle any more.
  process.on('beforeExit', () => {
    if (current)
      dieOf(runtimeError('Runtime.NodeJsExit', 'The event loop is empty and the handler has not ended'), 0);
  });
}

patchConsole();
// A socket and not a file stream: a file read that never ends would take one of libuv's four threads.
const requests = new Socket({ fd: requestFd, readable: true, writable: false });
try {
  const handler = await load();
  watchForDeath();
  answer({ ready: true });
  createInterface({ input: requests })
    .on('line', async (text) => {
      requests.unref();
      await invoke(handler, JSON.parse(text));
      requests.ref();
    })
    // LocalStack has gone.
    .on('close', () => process.exit(0));
} catch (error) {
  const description = describe(error);
  console.error('Uncaught Exception', JSON.stringify(description));
  answer({ initError: description });
  process.exit(1);
}
