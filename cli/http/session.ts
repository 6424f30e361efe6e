/**
 * A command's connection to the server: where it is, who logs in, and requests under that login. A JWT lives half an hour; a longer
 * command logs on again when it is refused.
 */
import { type Command, Option } from 'commander';
import { exitCodes, Failure } from '../failure.js';
import { connectionGroup } from '../output/helpStyle.js';
import { type Answer, type Call, connectHttp, type Http, NoAnswer, Problem } from './http.js';
import { type Login, readReady, readTenantCredentials, type Ready } from './ready.js';
import { persist } from './retry.js';

export interface ConnectionOptions {
  readonly data: string;
  readonly url?: string;
  readonly tenant?: string;
  readonly login?: string;
}

/** Adds the options that every command of a running server has. */
export const withConnection = (command: Command): Command =>
  [
    new Option('--data <dir>', 'data directory whose ready.json names server and login').default(
      dataDirDefault(),
    ),
    new Option('--url <url>', 'address of the server, instead of that of ready.json'),
    new Option('--tenant <tenant>', 'programme to work in, instead of that of ready.json'),
    new Option(
      '--login <login>',
      'operator, instead of that of ready.json; the password is read from KOPILKA_PASSWORD',
    ),
  ].reduce((all, option) => all.addOption(option.helpGroup(connectionGroup)), command);

const dataDirDefault = (): string => process.env['KOPILKA_DATA'] || './data';

export interface Session {
  readonly http: Http;
  readonly tenant: string;
  readonly ready: Ready | null;
  /** As the operator. @throws Failure */
  get<Body>(path: string, query?: Call['query'], patienceMs?: number): Promise<Body>;
  send<Body>(call: Omit<Call, 'token'>, patienceMs?: number): Promise<Answer<Body>>;
  close(): void;
}

/** For a request with all its repeats, unless told. */
const patienceMsDefault = 15_000;

/** @throws Failure where there is no server, no login, or the login is refused. */
export const openSession = async (
  options: ConnectionOptions,
  connections?: number,
): Promise<Session> => {
  const ready = readReady(options.data);
  const url = options.url ?? ready?.url;
  if (url === undefined) throw notStarted(options.data);
  const who = loginOf(options, ready);
  const http = connectHttp(url, connections === undefined ? {} : { connections });
  let token = await logon(http, who).catch((error: unknown) => {
    http.close();
    throw asFailure(error, options.data);
  });
  const send = async <Body>(
    call: Omit<Call, 'token'>,
    totalMs = patienceMsDefault,
  ): Promise<Answer<Body>> => {
    try {
      return await persist<Body>(http, { ...call, token }, { totalMs });
    } catch (error) {
      if (!(error instanceof Problem && error.status === 401)) throw asFailure(error, options.data);
    }
    try {
      token = await logon(http, who);
      return await persist<Body>(http, { ...call, token }, { totalMs });
    } catch (error) {
      throw asFailure(error, options.data);
    }
  };
  return {
    http,
    tenant: who.tenant,
    ready,
    send,
    get: async <Body>(path: string, query?: Call['query'], patienceMs?: number) =>
      (await send<Body>({ method: 'GET', path, ...(query && { query }) }, patienceMs)).body,
    close: () => http.close(),
  };
};

interface Who extends Login {
  readonly tenant: string;
}

const loginOf = (options: ConnectionOptions, ready: Ready | null): Who => {
  const tenant = options.tenant ?? ready?.tenant;
  const password = process.env['KOPILKA_PASSWORD'];
  if (options.login !== undefined) {
    if (!password) {
      throw new Failure(`No password for ${options.login}.`, {
        exitCode: exitCodes.usage,
        advice: 'Set KOPILKA_PASSWORD.',
      });
    }
    if (tenant === undefined) {
      throw new Failure('Whose login is it?', {
        exitCode: exitCodes.usage,
        advice: 'Name the programme with --tenant.',
      });
    }
    return { tenant, login: options.login, password };
  }
  if (ready && (tenant === undefined || tenant === ready.tenant)) {
    return { tenant: ready.tenant, ...ready.operator };
  }
  const kept = tenant === undefined ? null : readTenantCredentials(options.data, tenant);
  if (kept) return { tenant: kept.tenant, ...kept.operator };
  throw new Failure(`No login is kept for ${tenant ?? 'this server'} in ${options.data}.`, {
    exitCode: exitCodes.usage,
    advice: 'Name an operator with --tenant and --login, and set KOPILKA_PASSWORD.',
  });
};

const logon = async (http: Http, { tenant, login, password }: Who): Promise<string> => {
  const { body } = await http.send<{ token: string }>({
    method: 'POST',
    path: '/pos/v1/logon',
    body: { tenant, login, password },
  });
  return body.token;
};

export const notStarted = (dataDir: string): Failure =>
  new Failure(`Nothing was started on ${dataDir} yet.`, {
    exitCode: exitCodes.unreachable,
    advice: `Start the server in another terminal: npm start -- --data ${dataDir}\nIf it runs on another folder, name that with --data DIR.`,
  });

/** Errors of the client in words for people. Others pass. */
export const asFailure = (error: unknown, dataDir: string): unknown => {
  if (error instanceof NoAnswer) {
    return new Failure(`The server does not answer. ${error.message}`, {
      exitCode: exitCodes.unreachable,
      advice: `Start it in another terminal: npm start -- --data ${dataDir}`,
    });
  }
  if (error instanceof Problem) {
    const advice =
      error.status === 401 || error.status === 403
        ? 'Check --tenant, --login and KOPILKA_PASSWORD, and the roles of the operator.'
        : undefined;
    return new Failure(error.message, { exitCode: exitCodes.refused, advice: advice });
  }
  return error;
};
