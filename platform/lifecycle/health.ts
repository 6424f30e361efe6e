/**
 * Health, as /health/live and /health/ready answer it. Live: would a restart help? Ready: may requests come?
 * A check that throws or does not answer in time counts as failing, and says so.
 */
import { endsWithin } from './deadline.js';

/** true, or in a few words why not. Words go to the outside: no addresses, no internals. */
export type Verdict = true | string;
export type Check = () => Verdict | Promise<Verdict>;

/**
 * Of a part that readiness does not depend on. off: not for the roles or settings of this process; asleep: there is nothing for it to do
 * yet; restarting: it ended by itself and is started again after a while.
 */
export const partStates = ['off', 'asleep', 'starting', 'running', 'restarting'] as const;
export type PartState = (typeof partStates)[number];

export interface Health {
  readonly ok: boolean;
  /** By component: 'ok', or why not. */
  readonly components: Readonly<Record<string, string>>;
  /** What else this process does. */
  readonly parts?: Readonly<Record<string, PartState>>;
}

const checkDeadlineMs = 2_000;

const verdictOf = async (check: Check): Promise<string> => {
  let verdict: Verdict = 'no answer in time';
  try {
    const asked = Promise.resolve(check()).then((answer) => {
      verdict = answer;
    });
    asked.catch(() => {}); // may still fail after the deadline
    await endsWithin(asked, checkDeadlineMs);
  } catch {
    verdict = 'check failed';
  }
  return (verdict as Verdict) === true ? 'ok' : String(verdict);
};

/** Asks all checks at once. */
export const healthOf = async (checks: ReadonlyMap<string, Check>): Promise<Health> => {
  const answers = await Promise.all(
    [...checks].map(async ([name, check]) => [name, await verdictOf(check)] as const),
  );
  return {
    ok: answers.every(([, answer]) => answer === 'ok'),
    components: Object.fromEntries(answers),
  };
};
