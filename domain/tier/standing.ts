/**
 * Where a customer stands: their level, until when it holds, and the figures that speak for it. Small, bounded, and changed only
 * by recorded facts; the account keeps it and snapshots it with `toJson`.
 */
import { unreachable } from '../event.js';
import type { TierEvent } from './events.js';
import {
  type DayFigures,
  type Figures,
  noFigures,
  type Qualifying,
  withQualifying,
} from './figures.js';

/** A level that a purchase took the customer up from: it comes back where the goods do. */
export interface EarlierLevel {
  readonly level: string;
  /** When its period ends (ms). */
  readonly until: number | null;
  readonly evidenceFrom: number | null;
  readonly proof: number | null;
}

export interface Standing {
  /** Null: no tier. */
  readonly level: string | null;
  /** When it is reviewed (ms), null: never. */
  readonly until: number | null;
  /** When the period of the level ends (ms); after `until` where a return brought the review forward. */
  readonly periodEnds: number | null;
  /** First day (UTC, since the epoch) of what proved the level; null: since enrolment. */
  readonly evidenceFrom: number | null;
  /** The level was not reached again and is kept for a while. */
  readonly inGrace: boolean;
  /** The figure that it was given or kept by; null: not known. */
  readonly proof: number | null;
  /** A return took back what had proved it: the review at `until` looks at that proof. */
  readonly doubted: boolean;
  /** The last one last; at most as many as a scheme has levels. */
  readonly before: readonly EarlierLevel[];
  readonly figures: Figures;
}

export const initialStanding: Standing = {
  level: null,
  until: null,
  periodEnds: null,
  evidenceFrom: null,
  inGrace: false,
  proof: null,
  doubted: false,
  before: [],
  figures: noFigures,
};

/** To be called for every confirmed purchase; `day` is that of the purchase. */
export const countQualifying = (standing: Standing, day: number, figures: Qualifying): Standing =>
  figures.spent === 0 && figures.earned === 0
    ? standing
    : { ...standing, figures: withQualifying(standing.figures, day, figures) };

export const evolveStanding = (standing: Standing, event: TierEvent): Standing => {
  switch (event.type) {
    case 'TierChanged': {
      const { to, until, evidenceFrom, figure: proof } = event.data;
      const changed = { level: to, until, periodEnds: until, evidenceFrom, inGrace: false, proof };
      return {
        ...standing,
        ...changed,
        doubted: false,
        before: beforeChange(standing, event.data),
      };
    }
    case 'TierKept': {
      const { until, evidenceFrom, figure: proof } = event.data;
      const before = until === standing.periodEnds ? standing.before : none;
      const kept = {
        until,
        periodEnds: until,
        evidenceFrom,
        inGrace: false,
        doubted: false,
        proof,
      };
      return { ...standing, ...kept, before };
    }
    case 'TierGraceGranted': {
      const { until, evidenceFrom } = event.data;
      return { ...standing, until, evidenceFrom, inGrace: true, doubted: false, before: none };
    }
    case 'TierReviewBroughtForward':
      return { ...standing, until: event.data.until, doubted: true };
    case 'TierFiguresTakenBack': {
      const { day, spent, earned } = event.data;
      const change = { spent: -spent, earned: -earned };
      return { ...standing, figures: withQualifying(standing.figures, day, change) };
    }
    default:
      return unreachable(event);
  }
};

const none: readonly EarlierLevel[] = [];
const levelsMax = 20;

type Changed = Extract<TierEvent, { type: 'TierChanged' }>['data'];

const beforeChange = (
  { level, periodEnds, evidenceFrom, proof, inGrace, before }: Standing,
  { to, until, cause }: Changed,
): readonly EarlierLevel[] => {
  if (cause === 'purchase') {
    if (level === null || inGrace) return none;
    const left = { level, until: periodEnds, evidenceFrom, proof };
    return [...before, left].slice(-levelsMax);
  }
  const restored = before.findLastIndex((one) => one.level === to && one.until === until);
  return restored > 0 ? before.slice(0, restored) : none;
};

type DayRow = readonly [day: number, spent: number, earned: number];

export interface StandingJson extends Omit<Standing, 'figures' | 'before' | 'doubted' | 'proof'> {
  /** Left out by earlier versions of this program. */
  readonly before?: readonly EarlierLevel[];
  readonly doubted?: boolean;
  readonly proof?: number | null;
  readonly days: readonly DayRow[];
  readonly earlier: Qualifying;
}

const rowOf = ({ day, spent, earned }: DayFigures): DayRow => [day, spent, earned];

export const standingToJson = ({ figures, ...standing }: Standing): StandingJson => ({
  ...standing,
  days: figures.days.map(rowOf),
  earlier: figures.earlier,
});

export const standingFromJson = ({ days, earlier, ...standing }: StandingJson): Standing => ({
  ...standing,
  before: standing.before ?? none,
  proof: standing.proof ?? null,
  doubted: standing.doubted ?? (!standing.inGrace && standing.until !== standing.periodEnds),
  figures: { days: days.map(([day, spent, earned]) => ({ day, spent, earned })), earlier },
});
