/** The error that a promise is expected to be refused with. */
import { inspect } from 'node:util';

export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`expected a refusal, got ${inspect(value)}`);
    },
    (error: unknown) => error,
  );
