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
  readonly figures: Figures;
}

export const initialStanding: Standing = {
  level: null,
  until: null,
  periodEnds: null,
  evidenceFrom: null,
  inGrace: false,
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
      const { to, until, evidenceFrom } = event.data;
      return { ...standing, level: to, until, periodEnds: until, evidenceFrom, inGrace: false };
    }
    case 'TierKept': {
      const { until, evidenceFrom } = event.data;
      return { ...standing, until, periodEnds: until, evidenceFrom, inGrace: false };
    }
    case 'TierGraceGranted': {
      const { until, evidenceFrom } = event.data;
      return { ...standing, until, evidenceFrom, inGrace: true };
    }
    case 'TierReviewBroughtForward':
      return { ...standing, until: event.data.until };
    case 'TierFiguresTakenBack': {
      const { day, spent, earned } = event.data;
      const change = { spent: -spent, earned: -earned };
      return { ...standing, figures: withQualifying(standing.figures, day, change) };
    }
    default:
      return unreachable(event);
  }
};

type DayRow = readonly [day: number, spent: number, earned: number];

export interface StandingJson extends Omit<Standing, 'figures'> {
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
  figures: { days: days.map(([day, spent, earned]) => ({ day, spent, earned })), earlier },
});
