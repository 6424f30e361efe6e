/**
 * The tiers of a programme: what is counted, in which window, and which levels it takes. Invariant: versions count from 1 without
 * a gap and never change, so a customer's history can say for ever which scheme made them gold.
 */
import { Type, type Static } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import type { TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import { dayMs, dayOf } from './figures.js';

const closed = { additionalProperties: false } as const;

/** A word that operators choose; campaigns name it in their condition `tier`. */
export const TierName = Type.String({ minLength: 1, maxLength: 100, examples: ['gold'] });

export const TierScheme = Type.Object(
  {
    basis: Type.Union([Type.Literal('spent'), Type.Literal('earned')], {
      description:
        'What is counted: minor units paid in money, or hundredths of points earned; never the balance',
    }),
    window: Type.Union(
      [
        Type.Object(
          { kind: Type.Literal('days'), days: Type.Integer({ minimum: 1, maximum: 500 }) },
          { ...closed, title: 'RollingDays' },
        ),
        Type.Object({ kind: Type.Literal('year') }, { ...closed, title: 'CalendarYear' }),
        Type.Object({ kind: Type.Literal('ever') }, { ...closed, title: 'SinceEnrolment' }),
      ],
      {
        description:
          'Where it is counted: the last so many days, the calendar year, or since enrolment (such a tier is never reviewed)',
      },
    ),
    levels: Type.Array(
      Type.Object(
        {
          name: TierName,
          from: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }),
        },
        closed,
      ),
      {
        minItems: 1,
        maxItems: 20,
        description: 'The lowest first. Whoever reaches none of them has no tier',
      },
    ),
    graceDays: Type.Integer({
      minimum: 0,
      maximum: 92,
      description: 'At the end of its period a level that was not reached again is kept so long',
    }),
    downgrade: Type.Union([Type.Literal('reached'), Type.Literal('oneLevel')], {
      description: 'To the level that was reached, or one level down and no further',
    }),
  },
  { ...closed, title: 'TierScheme' },
);
export type TierScheme = Static<typeof TierScheme>;

export interface VersionedScheme {
  readonly version: number;
  readonly scheme: TierScheme;
}

export const tiersStream = (tenant: TenantId) => streamName('tiers', tenant, 'scheme');

// These names are the storage format: proof-read, version with care.
export const TierSchemeSet = event('TierSchemeSet', {
  version: Type.Integer({ minimum: 1 }),
  scheme: TierScheme,
});

export const tierSchemeEvents = [TierSchemeSet] as const;
export type TierSchemeEvent = EventOf<(typeof tierSchemeEvents)[number]>;

export type Tiers = { readonly status: 'unset' } | ({ readonly status: 'set' } & VersionedScheme);

export const tiers: Aggregate<Tiers, TierSchemeEvent> = {
  category: 'tiers',
  initial: () => ({ status: 'unset' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'TierSchemeSet':
        return { status: 'set', ...event.data };
      default:
        return unreachable(event.type);
    }
  },
};

/** Levels that hold from now on; each customer is judged by them at the next purchase or review. @throws Rejected tiers-not-ascending */
export const setTierScheme = (
  { scheme }: { readonly scheme: TierScheme },
  state: Tiers,
): TierSchemeEvent[] => {
  scheme.levels.forEach(({ name, from }, index) => {
    const before = scheme.levels.slice(0, index);
    const lower = before.at(-1);
    if ((lower && from <= lower.from) || before.some((level) => level.name === name)) {
      throw rejected('tiers-not-ascending', { level: name, from });
    }
  });
  // Both were made by the schema, in its order of fields where they come from the log.
  if (state.status === 'set' && isSame(state.scheme, scheme)) return []; // already carried out
  const version = state.status === 'set' ? state.version + 1 : 1;
  return [{ type: 'TierSchemeSet', data: { version, scheme } }];
};

const isSame = (a: TierScheme, b: TierScheme): boolean =>
  a.basis === b.basis &&
  a.window.kind === b.window.kind &&
  (a.window.kind !== 'days' || b.window.kind !== 'days' || a.window.days === b.window.days) &&
  a.graceDays === b.graceDays &&
  a.downgrade === b.downgrade &&
  a.levels.length === b.levels.length &&
  a.levels.every(({ name, from }, index) => {
    const other = b.levels[index];
    return other?.name === name && other.from === from;
  });

const yearOf = (day: number): number => new Date(day * dayMs).getUTCFullYear();

/** The first day that counts in the window that has `day` as its last. */
export const windowStart = ({ window }: TierScheme, day: number): number => {
  switch (window.kind) {
    case 'days':
      return day - window.days + 1;
    case 'year':
      return dayOf(Date.UTC(yearOf(day), 0, 1));
    case 'ever':
      return -Infinity;
    default:
      return unreachable(window);
  }
};

/** When a period that begins on `day` ends: midnight UTC, in milliseconds; null: never. */
export const periodEnd = ({ window }: TierScheme, day: number): number | null => {
  switch (window.kind) {
    case 'days':
      return (day + window.days) * dayMs;
    case 'year':
      return Date.UTC(yearOf(day) + 1, 0, 1);
    case 'ever':
      return null;
    default:
      return unreachable(window);
  }
};

/** 0 for no tier, or one that the scheme does not know (any more); the lowest level is 1. */
export const rankOf = ({ levels }: TierScheme, name: string | null): number =>
  name === null ? 0 : levels.findIndex((level) => level.name === name) + 1;

export const rankReached = ({ levels }: TierScheme, figure: number): number =>
  levels.findLastIndex(({ from }) => figure >= from) + 1;

export const levelAt = ({ levels }: TierScheme, rank: number): string | null =>
  levels[rank - 1]?.name ?? null;

/** What it takes to have the level; 0 for no tier. */
export const neededFor = ({ levels }: TierScheme, rank: number): number =>
  levels[rank - 1]?.from ?? 0;
