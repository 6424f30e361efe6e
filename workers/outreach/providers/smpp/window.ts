/** Places for requests without an answer: who finds none waits in line, and goes when it is too late. */
export interface Window {
  /** @returns false where the deadline came first. */
  enter(deadline: AbortSignal): Promise<boolean>;
  /** Once for each that entered. */
  leave(): void;
}

export const createWindow = (most: number): Window => {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return {
    enter: (deadline) => {
      if (underWay < most) {
        underWay += 1;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const proceed = (): void => {
          deadline.removeEventListener('abort', cut);
          resolve(true);
        };
        const cut = (): void => {
          waiting.splice(waiting.indexOf(proceed), 1);
          resolve(false);
        };
        waiting.push(proceed);
        deadline.addEventListener('abort', cut, { once: true });
      });
    },
    // Whoever waits takes the place over.
    leave: () => {
      const next = waiting.shift();
      if (next) next();
      else underWay -= 1;
    },
  };
};
