/** Signals of the operating system: the first asks for an orderly stop, the second ends at once. */

type Signal = 'SIGINT' | 'SIGTERM';

export interface SignalHandlers {
  readonly onFirst: (signal: Signal) => void;
  readonly onSecond: (signal: Signal) => void;
}

const signals: readonly Signal[] = ['SIGINT', 'SIGTERM'];

/** Installs the handlers; the answer removes them. `source` is the process, unless in a test. */
export const onSignals = (
  { onFirst, onSecond }: SignalHandlers,
  source: Pick<NodeJS.EventEmitter, 'on' | 'off'> = process,
): (() => void) => {
  let seen = 0;
  const handle = (signal: Signal): void => {
    seen += 1;
    if (seen === 1) onFirst(signal);
    else if (seen === 2) onSecond(signal);
  };
  for (const signal of signals) source.on(signal, handle);
  return () => {
    for (const signal of signals) source.off(signal, handle);
  };
};
