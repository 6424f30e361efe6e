/** Waiting with an end. */

/**
 * Waits for the work, at most for so long; the work itself goes on.
 * @returns whether it ended in time. Rejects as the work does.
 */
export const endsWithin = async (work: Promise<unknown>, deadlineMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, deadlineMs));
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
};
