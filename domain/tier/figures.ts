/**
 * What a customer spent and earned, by day: what tiers are judged on. Never the balance, which points spent would lower.
 *
 * Kept sparse and bounded: a day without a purchase takes no room, and what is older than any window is one sum. A purchase is
 * counted on its own day (UTC), also when it is received late, and a return takes it back from that same day.
 */
export const dayMs = 86_400_000;
/** Longer than any window, twice, with its grace. */
const daysKept = 1_100;

/** Days since the epoch, UTC. */
export const dayOf = (at: number): number => Math.floor(at / dayMs);

export interface Qualifying {
  /** Minor units paid in money. */
  readonly spent: number;
  /** Hundredths of points. */
  readonly earned: number;
}

export interface DayFigures extends Qualifying {
  readonly day: number;
}

export interface Figures {
  /** In order; a day of zeros is left out. */
  readonly days: readonly DayFigures[];
  /** Of all days before those. */
  readonly earlier: Qualifying;
}

const nothing: Qualifying = { spent: 0, earned: 0 };
export const noFigures: Figures = { days: [], earlier: nothing };

const sum = (a: Qualifying, b: Qualifying): Qualifying => ({
  spent: Math.max(0, a.spent + b.spent),
  earned: Math.max(0, a.earned + b.earned),
});

/** `change` may be negative; no figure falls below zero. */
export const withQualifying = (figures: Figures, day: number, change: Qualifying): Figures => {
  const { days, earlier } = figures;
  const newest = Math.max(day, days.at(-1)?.day ?? day);
  if (day <= newest - daysKept) return { days, earlier: sum(earlier, change) };
  let place = days.length;
  while (place > 0 && (days[place - 1] as DayFigures).day >= day) place -= 1;
  const there = days[place]?.day === day ? (days[place] as DayFigures) : null;
  const changed = sum(there ?? nothing, change);
  const next = days.slice();
  const gone = changed.spent === 0 && changed.earned === 0;
  next.splice(place, there ? 1 : 0, ...(gone ? [] : [{ day, ...changed }]));
  return pruned({ days: next, earlier }, newest - daysKept);
};

const pruned = ({ days, earlier }: Figures, until: number): Figures => {
  if ((days[0]?.day ?? Infinity) > until) return { days, earlier };
  const old = days.filter(({ day }) => day <= until);
  return { days: days.slice(old.length), earlier: old.reduce<Qualifying>(sum, earlier) };
};

/** From day `from` to day `to`, both included; from -Infinity takes everything there ever was. */
export const figureBetween = (
  { days, earlier }: Figures,
  basis: keyof Qualifying,
  from: number,
  to: number,
): number => {
  let figure = from === -Infinity ? earlier[basis] : 0;
  for (let index = days.length - 1; index >= 0; index -= 1) {
    const day = days[index] as DayFigures;
    if (day.day < from) break;
    if (day.day <= to) figure += day[basis];
  }
  return figure;
};
