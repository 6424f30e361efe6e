/**
 * What a partner's developer is known by. The token comes from a file or the environment; as an option it can be seen by everybody on
 * the machine who lists its processes, so that is for trying things out. It is printed nowhere.
 */
import { readFileSync } from 'node:fs';
import { exitCodes, Failure } from '../failure.js';

export interface SecretOptions {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly secret?: string;
  readonly secretFile?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const contentOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}`, {
      exitCode: exitCodes.usage,
    });
  }
};

/** @throws Failure where there is none. */
export const tokenOf = (options: SecretOptions, environment: Environment): string => {
  const file = options.tokenFile;
  const token =
    options.token ??
    (file === undefined ? undefined : contentOf(file)) ??
    environment['KOPILKA_PARTNER_TOKEN'];
  if (token && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new Failure(token ? 'This is no token.' : 'Whose topics are they? There is no token.', {
    exitCode: exitCodes.usage,
    advice:
      'Set KOPILKA_PARTNER_TOKEN to the token of the partner, or name a file with --token-file.',
  });
};

/** `whsec_…`, where one was given. */
export const secretOf = (options: SecretOptions, environment: Environment): string | undefined => {
  if (options.secret !== undefined) return options.secret;
  if (options.secretFile !== undefined) return contentOf(options.secretFile);
  return environment['KOPILKA_WEBHOOK_SECRET'] || undefined;
};
