/**
 * How a programme treats those it writes to: when it is quiet, how often it speaks, whether it asks first. Invariant: versions count from
 * 1 without a gap and never change.
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import type { TenantId } from '../ids.js';
import { lanesMax } from '../message/lanes.js';
import { Channel } from '../message/kinds.js';
import { isTimeZone } from '../pricing/localTime.js';
import { rejected } from '../rejected.js';
import { isSameData } from '../sameData.js';
import { streamName } from '../stream.js';

export const outreachRulesStream = (tenant: TenantId) => streamName('outreach', tenant, 'rules');

const closed = { additionalProperties: false } as const;

export const TimeOfDay = Type.String({
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
  examples: ['21:00'],
});

export const QuietHours = Type.Object(
  { from: TimeOfDay, to: TimeOfDay },
  {
    ...closed,
    description:
      "By the recipient's clock, `to` not included; `from` after `to` is a window over midnight",
  },
);
export type QuietHours = Static<typeof QuietHours>;

/** Windows of caps reach back no further: what was sent before may be forgotten. */
export const capSecondsMax = 31 * 86_400;
export const capMax = 1_000;

export const Cap = Type.Object(
  {
    channel: Type.Union([Channel, Type.Null()], { description: 'null: on all of them together' }),
    perSeconds: Type.Integer({ minimum: 60, maximum: capSecondsMax }),
    max: Type.Integer({ minimum: 1, maximum: capMax }),
  },
  { ...closed, description: 'Marketing messages to one recipient within a sliding window' },
);
export type Cap = Static<typeof Cap>;

export const Locale = Type.String({
  pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$',
  maxLength: 35,
  description: 'BCP 47',
  examples: ['en'],
});

export const OutreachRules = Type.Object(
  {
    quietHours: Type.Union([QuietHours, Type.Null()]),
    timeZone: Type.String({
      maxLength: 64,
      description: 'IANA, of recipients whose own is not known',
      examples: ['Europe/Riga'],
    }),
    caps: Type.Array(Cap, { maxItems: 10 }),
    askFirst: Type.Object(
      { service: Type.Boolean(), marketing: Type.Boolean() },
      {
        ...closed,
        description: 'Whether a class needs consent; otherwise it goes until somebody objects',
      },
    ),
    defaultLocale: Locale,
    laneCount: Type.Integer({
      minimum: 1,
      maximum: lanesMax,
      description: 'Journals that messages accepted from now on are spread over',
    }),
  },
  { ...closed, title: 'OutreachRules' },
);
export type OutreachRules = Static<typeof OutreachRules>;

/** Until a programme sets its own. */
export const outreachRulesDefault: OutreachRules = {
  quietHours: null,
  timeZone: 'UTC',
  caps: [],
  askFirst: { service: false, marketing: true },
  defaultLocale: 'en',
  laneCount: 1,
};

// These names are the storage format: proof-read, version with care.
export const OutreachRulesSet = event('OutreachRulesSet', {
  version: Type.Integer({ minimum: 1 }),
  rules: OutreachRules,
});
export const outreachRulesEvents = [OutreachRulesSet] as const;
export type OutreachRulesEvent = EventOf<(typeof outreachRulesEvents)[number]>;

export interface OutreachRulesInForce {
  /** 0 before the first was set. */
  readonly version: number;
  readonly rules: OutreachRules;
}

export const outreachRules: Aggregate<OutreachRulesInForce, OutreachRulesEvent> = {
  category: 'outreach',
  initial: () => ({ version: 0, rules: outreachRulesDefault }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'OutreachRulesSet':
        return event.data;
      default:
        return unreachable(event.type);
    }
  },
};

/** @throws Rejected outreach-rules-wrong */
export const setOutreachRules = (
  { rules }: { readonly rules: OutreachRules },
  state: OutreachRulesInForce,
): OutreachRulesEvent[] => {
  const { quietHours, timeZone } = rules;
  const wrong = (pointer: string, reason: string) =>
    rejected('outreach-rules-wrong', { faults: [{ pointer, reason }] });
  if (!isTimeZone(timeZone)) {
    throw wrong('/timeZone', 'is no time zone of the IANA, such as Europe/Riga');
  }
  if (quietHours && quietHours.from === quietHours.to) {
    const reason = 'is when they begin: give another end, or null for no quiet hours';
    throw wrong('/quietHours/to', reason);
  }
  if (state.version > 0 && isSameData(state.rules, rules)) return []; // already carried out
  return [{ type: 'OutreachRulesSet', data: { version: state.version + 1, rules } }];
};
