/**
 * Which version of a campaign is in force when. A schedule is a fact about the future: the question is always put for a moment, so no
 * timer has to ring for a campaign to begin or to end, and none can be late.
 *
 * Nothing recorded changes what was in force before it was recorded, so a late receipt finds what its customer was promised.
 */
export interface Change {
  /** Milliseconds. */
  readonly at: number;
  /** In force from then on; null: none. */
  readonly version: number | null;
}

export interface Timeline {
  /** Rising. */
  readonly changes: readonly Change[];
  /** While it is paused nothing is in force, whatever the changes say; null: until it is resumed. */
  readonly pauses: readonly { readonly from: number; readonly until: number | null }[];
}

export const noTimeline: Timeline = { changes: [], pauses: [] };

const isPausedAt = ({ pauses }: Timeline, at: number): boolean =>
  pauses.some(({ from, until }) => at >= from && (until === null || at < until));

/** Null: none. */
export const inForceAt = (timeline: Timeline, at: number): number | null =>
  isPausedAt(timeline, at)
    ? null
    : (timeline.changes.findLast((change) => change.at <= at)?.version ?? null);

/** From `from` on, and until `until` where that is given, `version` and nothing else. What was to come is dropped. */
export const changed = (
  { changes, pauses }: Timeline,
  version: number | null,
  from: number,
  until: number | null = null,
): Timeline => {
  const before = changes.filter(({ at }) => at < from);
  const next: Change[] = [...before, { at: from, version }];
  if (until !== null) next.push({ at: until, version: null });
  return { changes: next, pauses };
};

export const paused = ({ changes, pauses }: Timeline, at: number): Timeline => ({
  changes,
  pauses: [...pauses, { from: at, until: null }],
});

export const resumed = ({ changes, pauses }: Timeline, at: number): Timeline => ({
  changes,
  pauses: pauses.map((pause) =>
    pause.until === null ? { ...pause, until: Math.max(at, pause.from) } : pause,
  ),
});

export const isPaused = ({ pauses }: Timeline): boolean => pauses.at(-1)?.until === null;

/** Moments at which something else comes into force, in no order. */
export const turnsOf = ({ changes, pauses }: Timeline): number[] => [
  ...changes.map(({ at }) => at),
  ...pauses.flatMap(({ from, until }) => (until === null ? [from] : [from, until])),
];
