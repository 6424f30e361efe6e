/** `kopilka store user`: the line of a user of the secured log, with the password hashed. */
import { userLine } from '../../embedded/eventstore/security/users.js';
import { exitCodes, Failure } from '../failure.js';

export const printUser = async (name: string, options: { groups: string }): Promise<void> => {
  const password = process.env['KOPILKA_PASSWORD'];
  if (!password) {
    throw new Failure(`No password for ${name}.`, {
      exitCode: exitCodes.usage,
      advice: 'Set KOPILKA_PASSWORD.',
    });
  }
  const groups = options.groups.split(',').filter((group) => group !== '');
  process.stdout.write(`${await lineOf(name, password, groups)}\n`);
};

const lineOf = async (name: string, password: string, groups: string[]): Promise<string> => {
  try {
    return await userLine(name, password, groups);
  } catch (error) {
    throw new Failure((error as Error).message, { exitCode: exitCodes.usage });
  }
};
