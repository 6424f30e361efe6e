/**
 * `kopilka bounce`: hands a letter that came back to the provider of e-mail whose letter it is about. Made for the pipe of a mail server:
 * it reads its input to the end, sends no more of it than is looked at, and with --pipe ends so that no letter is lost and nobody answered.
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes, Failure } from './failure.js';
import { connectHttp, NoAnswer, Problem } from './http/http.js';
import { readReady } from './http/ready.js';
import { persist } from './http/retry.js';
import { asFailure, notStarted } from './http/session.js';

export interface BounceOptions {
  readonly provider: string;
  readonly data: string;
  readonly url?: string;
  readonly tenant?: string;
  readonly tokenFile?: string;
  readonly pipe: boolean;
}

/** What is taken of a letter; reports stand before what they return. */
const bytesMax = 262_144;
/** For a mail server that is given no answer to try again: EX_TEMPFAIL of sysexits.h. */
const tryAgain = 75;

export const addBounceCommand = (program: Command): void => {
  program
    .command('bounce')
    .description('hand over a letter that came back, or a complaint, as it lies in the mailbox')
    .requiredOption('--provider <provider>', 'the provider of e-mail that sent what it is about')
    .option(
      '--data <dir>',
      'data directory whose ready.json names server and programme',
      process.env['KOPILKA_DATA'] || './data',
    )
    .option('--url <url>', 'address of the server, instead of that of ready.json')
    .option('--tenant <tenant>', 'programme of the provider')
    .option('--token-file <file>', "the provider's bounceToken, instead of KOPILKA_BOUNCE_TOKEN")
    .option(
      '--pipe',
      'for mail servers: end with 75 whatever went wrong with us, and well for letters that report nothing',
      false,
    )
    .addHelpText(
      'after',
      `
Examples:
  kopilka bounce --provider mail_main --tenant demo < mail.eml
  kopilka bounce --provider mail_main --tenant demo --url https://kopilka.example --token-file /etc/kopilka/bounces --pipe`,
    )
    .action(tell);
};

const firstOf = async (input: AsyncIterable<Buffer>): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // To the end: who writes to us would break off with an error.
  for await (const piece of input) {
    if (bytes < bytesMax) pieces.push(piece);
    bytes += piece.length;
  }
  return Buffer.concat(pieces).subarray(0, bytesMax);
};

const usage = (message: string, advice: string): Failure =>
  new Failure(message, { exitCode: exitCodes.usage, advice });

const tokenOf = ({ tokenFile }: BounceOptions): string => {
  if (tokenFile === undefined) {
    const token = process.env['KOPILKA_BOUNCE_TOKEN'];
    if (token) return token;
    throw usage(
      'There is no token.',
      'Set KOPILKA_BOUNCE_TOKEN, or name a file with --token-file.',
    );
  }
  try {
    return readFileSync(tokenFile, 'utf8').trim();
  } catch (error) {
    throw usage((error as Error).message, 'Name a file that can be read with --token-file.');
  }
};

/** @throws Failure, Problem, NoAnswer */
const send = async (letter: Buffer, options: BounceOptions): Promise<number> => {
  const ready = readReady(options.data);
  const url = options.url ?? ready?.url;
  if (url === undefined) throw notStarted(options.data);
  const tenant = options.tenant ?? ready?.tenant;
  if (tenant === undefined) throw usage('Whose provider is it?', 'Name the programme: --tenant.');
  const token = tokenOf(options);
  const http = connectHttp(url);
  try {
    const path = `/outreach/v1/callbacks/${encodeURIComponent(tenant)}/${encodeURIComponent(options.provider)}`;
    const call = {
      method: 'POST',
      path,
      token,
      body: letter,
      contentType: 'message/rfc822',
    } as const;
    const { body } = await persist<{ taken: number }>(http, call, { totalMs: 15_000 });
    return body.taken;
  } finally {
    http.close();
  }
};

const isUnreadable = (error: unknown): error is Problem =>
  error instanceof Problem && error.code === 'invalid-input';

/**
 * @returns how many reports were taken in; with `pipe` also what went wrong, and how to end.
 * @throws Failure
 */
export const handOver = async (
  input: AsyncIterable<Buffer>,
  options: BounceOptions,
): Promise<{ readonly taken: number } | { readonly fault: string; readonly exitCode: number }> => {
  const letter = await firstOf(input);
  try {
    return { taken: await send(letter, options) };
  } catch (error) {
    const failure = failureOf(error, options);
    if (!options.pipe) throw failure;
    const fault = failure instanceof Error ? failure.message : String(failure);
    return { fault, exitCode: isUnreadable(error) ? exitCodes.ok : tryAgain };
  }
};

const tell = async (options: BounceOptions): Promise<void> => {
  const told = await handOver(process.stdin, options);
  if ('fault' in told) {
    process.stderr.write(`${told.fault}\n`);
    process.exitCode = told.exitCode;
  } else {
    const { taken } = told;
    process.stdout.write(`${taken === 1 ? '1 report was' : `${taken} reports were`} taken in.\n`);
  }
};

const failureOf = (error: unknown, { data }: BounceOptions): unknown => {
  if (error instanceof NoAnswer) return asFailure(error, data);
  if (!(error instanceof Problem)) return error;
  const advice = isUnreadable(error)
    ? 'It will not be taken another time either: look at it, and put it away.'
    : 'Check --tenant, --provider, and the token against secrets.bounceToken of the provider.';
  return new Failure(error.message, { exitCode: exitCodes.refused, advice });
};
