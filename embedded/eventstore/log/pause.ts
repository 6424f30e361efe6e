/** Waiting. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Lets everything that has already arrived be taken in. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits between tries of something outside: 50 ms doubling to 2 s. `attempt` counts from 0. */
export const backOff = (attempt: number): Promise<void> => pause(Math.min(50 * 2 ** attempt, 2000));
