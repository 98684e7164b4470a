/** Exit codes of every command; docs and `--help` name them. */
export const EXIT = {
  done: 0,
  /** Done, but something was refused or differs. */
  differs: 1,
  usage: 2,
  /** Could not run, or not to the end. */
  couldNotRun: 3,
  /** Ended by Ctrl-C, as shells have it: 128 + SIGINT. */
  interrupted: 130,
} as const;

/** Ends the command with a message for people. `hint` says what to do. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(exitCode: number, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export function wrongUsage(message: string, hint?: string): CliError {
  return new CliError(EXIT.usage, message, hint);
}

export function couldNotRun(message: string, hint?: string, cause?: unknown): CliError {
  return new CliError(EXIT.couldNotRun, message, hint, cause === undefined ? {} : { cause });
}

/** What was asked for is refused, such as adding what exists. */
export function refused(message: string, hint?: string): CliError {
  return new CliError(EXIT.differs, message, hint);
}

interface ForeignError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE)$/;

/** Turns whatever was thrown into a message without internals: a network that is down is no stack trace. */
export function explain(error: unknown, target: string): CliError {
  if (error instanceof CliError) return error;
  const { name = '', message = String(error) } = (error ?? {}) as ForeignError;
  const code = codeOf(error);
  if (code !== undefined && UNREACHABLE.test(code)) {
    return couldNotRun(
      `${target} does not answer (${code}).`,
      'Is it running? npm start starts a local one.',
      error,
    );
  }
  if (/CredentialsProvider|CredentialsError|ExpiredToken|TokenRefresh/.test(name)) {
    return couldNotRun(
      `No valid AWS credentials: ${message}`,
      'Sign in (aws sso login) and set AWS_PROFILE, or use --profile-file .weir/local.json.',
      error,
    );
  }
  if (/AccessDenied|UnrecognizedClient|InvalidClientToken|NotAuthorized/.test(name)) {
    return couldNotRun(
      `AWS refused: ${message}`,
      'Check which account and role you are signed in to.',
      error,
    );
  }
  if (/Region is missing/.test(message)) {
    return couldNotRun('No AWS region is set.', 'Set AWS_REGION or pass --region.', error);
  }
  return couldNotRun(
    name && name !== 'Error' ? `${name}: ${message}` : message,
    '--debug shows where.',
    error,
  );
}

/** The system's error code, from whichever layer of causes has it. */
function codeOf(error: unknown): string | undefined {
  const { code, cause, errors } = (error ?? {}) as ForeignError;
  if (typeof code === 'string') return code;
  if (cause !== undefined) return codeOf(cause);
  return errors?.length ? codeOf(errors[0]) : undefined;
}
