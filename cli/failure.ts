/**
 * How a command of the CLI ends: exit codes, and failures that say what to do next. Whatever is not a Failure is a bug and shows
 * its stack.
 */
export const exitCodes = {
  ok: 0,
  /** It failed, or its answer is no: figures do not reconcile, read models differ. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The server cannot be reached, or is not ready. */
  unreachable: 3,
  /** The server refused: credentials, roles, what was asked for. */
  refused: 4,
  /** Stopped by Ctrl-C; what was done is kept. */
  interrupted: 130,
} as const;

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;
  /** What to do next, one sentence or a command to type. */
  readonly advice: string | undefined;
  constructor(
    message: string,
    options: { readonly exitCode: number; readonly advice?: string | undefined },
  ) {
    super(message);
    this.exitCode = options.exitCode;
    this.advice = options.advice;
  }
}

export const exitCodesHelp = `
Exit codes:
  0    done
  1    failed, or the answer is no: figures do not reconcile, read models differ
  2    the command line is wrong
  3    the server cannot be reached
  4    the server refused
  130  stopped by Ctrl-C`;
