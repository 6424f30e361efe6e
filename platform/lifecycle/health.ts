/**
 * Health, as /health/live and /health/ready answer it. Live: would a restart help? Ready: may requests come?
 * A check that throws or does not answer in time counts as failing, and says so.
 */
import { endsWithin } from './deadline.js';

/** true, or in a few words why not. Words go to the outside: no addresses, no internals. */
export type Verdict = true | string;
export type Check = () => Verdict | Promise<Verdict>;

export interface Health {
  readonly ok: boolean;
  /** By component: 'ok', or why not. */
  readonly components: Readonly<Record<string, string>>;
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
