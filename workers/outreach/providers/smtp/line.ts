/**
 * Connections to one mail server, kept while there is work for them. Invariant: whether the server may have the letter is known for every
 * failure: nothing of it is read before the server has asked for it.
 */
import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection/index.js';
import type { ProviderDial } from '../port.js';
import type { SmtpError } from './errors.js';
import type { Letter } from './letter.js';
import type { SmtpSecrets, SmtpSettings } from './settings.js';

export type Posted =
  | { readonly kind: 'taken'; readonly response: string }
  | { readonly kind: 'failed'; readonly error: SmtpError; readonly isBegun: boolean };

interface Line {
  readonly connection: SMTPConnection;
  letters: number;
  idle: NodeJS.Timeout | undefined;
  isOver: boolean;
}

const idleMs = 30_000;
const messagesDefault = 100;
const stepMs = 30_000;

export const createLines = (options: {
  readonly Connection: typeof SMTPConnection;
  readonly dial: ProviderDial;
  readonly settings: SmtpSettings;
  readonly secrets: SmtpSecrets;
}) => {
  const { Connection, dial, settings, secrets } = options;
  const { messagesPerConnection = messagesDefault } = settings;
  const idle: Line[] = [];
  const all = new Set<Line>();

  const end = (line: Line): void => {
    clearTimeout(line.idle);
    line.isOver = true;
    all.delete(line);
    const at = idle.indexOf(line);
    if (at >= 0) idle.splice(at, 1);
    line.connection.close();
  };

  const logIn = (connection: SMTPConnection): Promise<void> =>
    new Promise((resolve, reject) => {
      const { user, password } = secrets;
      if (user === undefined) return resolve();
      const credentials = { user, pass: password ?? '' };
      connection.login({ credentials } as never, (error) => (error ? reject(error) : resolve()));
    });

  const open = async (deadline: AbortSignal): Promise<Line> => {
    const { host, port, security, certificateAuthority, clientName } = settings;
    const socket = await dial({ host, port, deadline });
    const connection = new Connection({
      host,
      port,
      connection: socket,
      logger: false,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(clientName === undefined ? {} : { name: clientName }),
      tls: certificateAuthority === undefined ? {} : { ca: certificateAuthority },
      connectionTimeout: stepMs,
      greetingTimeout: stepMs,
      socketTimeout: 2 * stepMs,
    });
    const line: Line = { connection, letters: 0, idle: undefined, isOver: false };
    all.add(line);
    const cut = (): void => end(line);
    deadline.addEventListener('abort', cut, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        connection.on('error', reject);
        connection.once('end', () =>
          reject(Object.assign(new Error('The server hung up.'), { code: 'ECONNECTION' })),
        );
        connection.connect((error) => (error ? reject(error) : resolve()));
      });
      await logIn(connection);
    } catch (error) {
      end(line);
      throw error;
    } finally {
      deadline.removeEventListener('abort', cut);
    }
    connection.once('end', () => end(line));
    return line;
  };

  const rest = (line: Line): void => {
    if (line.isOver) return;
    if (line.letters >= messagesPerConnection) return end(line);
    line.idle = setTimeout(() => end(line), idleMs).unref();
    idle.push(line);
  };

  const take = (): Line | undefined => {
    const line = idle.pop();
    clearTimeout(line?.idle);
    return line;
  };

  /** The server is asked to forget what it refused; where it does not answer, the connection is over. */
  const reset = (line: Line): void => {
    if (line.isOver) return;
    line.connection.reset((error) => (error ? end(line) : rest(line)));
  };

  const postBy = (line: Line, letter: Letter, deadline: AbortSignal): Promise<Posted> =>
    new Promise((resolve) => {
      let isBegun = false;
      const { connection } = line;
      const text = Readable.from(
        (function* () {
          isBegun = true;
          yield letter.mime;
        })(),
        { objectMode: false },
      );
      const settle = (posted: Posted): void => {
        deadline.removeEventListener('abort', cut);
        connection.off('error', broken).off('end', hungUp);
        resolve(posted);
      };
      const broken = (error: SmtpError): void => settle({ kind: 'failed', error, isBegun });
      const failure = (code: string, message: string): SmtpError =>
        Object.assign(new Error(message), { code });
      // What it said last comes with the answer to the letter, which may be told after the end.
      const hungUp = (): void =>
        void setImmediate(() => broken(failure('ECONNECTION', 'The server hung up.')));
      const cut = (): void => {
        broken(failure('ETIMEDOUT', 'No answer within the deadline.'));
        end(line);
      };
      deadline.addEventListener('abort', cut, { once: true });
      connection.once('error', broken).once('end', hungUp);
      const { from, to, dsn } = letter.envelope;
      const envelope = { from, to: [...to], size: letter.mime.length, ...(dsn ? { dsn } : {}) };
      connection.send(envelope, text, (error, info) => {
        line.letters += 1;
        if (!error) {
          settle({ kind: 'taken', response: info.response ?? '' });
          return rest(line);
        }
        broken(error as SmtpError);
        if ((error as SmtpError).responseCode === 421) end(line);
        else reset(line);
      });
    });

  const post = async (letter: Letter, deadline: AbortSignal): Promise<Posted> => {
    const waiting = take();
    if (waiting) {
      const posted = await postBy(waiting, letter, deadline);
      const wasStale =
        posted.kind === 'failed' && !posted.isBegun && posted.error.responseCode === undefined;
      // The server ended what it took for idle; it has seen nothing of this letter.
      if (!wasStale || deadline.aborted) return posted;
      end(waiting);
    }
    try {
      return await postBy(await open(deadline), letter, deadline);
    } catch (error) {
      return { kind: 'failed', error: error as SmtpError, isBegun: false };
    }
  };

  return {
    post,
    close: (): void => {
      for (const line of [...all]) end(line);
    },
  };
};
