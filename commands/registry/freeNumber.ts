/**
 * The next free number for what is registered without one. The directory proposes (its largest + 1), the log disposes: a number
 * that somebody else took meanwhile is refused there, and the next is tried.
 *
 * A repeat must not get a second number, so the registration that this key made before is looked for first.
 */
import { Rejected } from '../../domain/rejected.js';
import type { CommandContext } from '../command.js';
import { commandIdOf } from '../commandId.js';

const attemptsMax = 20;

export const underFreeNumber = async <Id extends number, Result>(options: {
  readonly command: string;
  readonly given: Id | undefined;
  readonly taken: readonly { readonly number: Id; readonly commandId: string }[];
  readonly streamOf: (number: Id) => string;
  readonly context: CommandContext;
  readonly register: (number: Id) => Promise<Result>;
}): Promise<Result> => {
  const { command, given, taken, streamOf, context, register } = options;
  if (given !== undefined) return register(given);
  const mine = taken.find(
    ({ number, commandId }) =>
      commandIdOf(command, streamOf(number), context.idempotencyKey) === commandId,
  );
  if (mine) return register(mine.number);
  const next = taken.reduce((largest, { number }) => Math.max(largest, number), 0) + 1;
  for (let number = next; ; number += 1) {
    try {
      return await register(number as Id);
    } catch (error) {
      if (!isTaken(error) || number - next >= attemptsMax) throw error;
    }
  }
};

const isTaken = (error: unknown): boolean =>
  error instanceof Rejected && (error.code === 'already-registered' || error.code === 'revoked');
