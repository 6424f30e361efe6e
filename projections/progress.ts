/** How far a long fill is: for progress bars and logs. */
import type { Position } from '../domain/fact.js';

export interface Progress {
  /** Of the projection. */
  readonly name: string;
  readonly schema: string;
  /** Events applied since it began. */
  readonly events: number;
  readonly position: Position;
  readonly target: Position;
  /** 0 to 1, by position: how many of the events between are this projection's is not known before. */
  readonly fraction: number;
  readonly eventsPerSecond: number;
  /** Null while it cannot be told. */
  readonly secondsLeft: number | null;
}

export type OnProgress = (progress: Progress) => void;

export interface Meter {
  add(facts: number, position: Position): Progress;
  readonly latest: () => Progress;
}

/** `now` in milliseconds. Rates are of this run, also when the fill was resumed. */
export const createMeter = (
  about: Pick<Progress, 'name' | 'schema' | 'target'>,
  from: Position,
  now: () => number = () => performance.now(),
): Meter => {
  const started = now();
  let events = 0;
  let position = from;
  const latest = (): Progress => {
    const seconds = (now() - started) / 1_000;
    const whole = Number(about.target);
    const fraction = whole === 0 ? 1 : Math.min(1, Number(position) / whole);
    const gone = Number(position - from);
    const left = Number(about.target - position);
    return {
      ...about,
      events,
      position,
      fraction,
      eventsPerSecond: seconds > 0 ? Math.round(events / seconds) : 0,
      secondsLeft: gone > 0 ? Math.max(0, (left * seconds) / gone) : left > 0 ? null : 0,
    };
  };
  return {
    latest,
    add: (facts, to) => {
      events += facts;
      position = to;
      return latest();
    },
  };
};
