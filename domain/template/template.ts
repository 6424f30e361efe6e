/**
 * What a message says, with places to fill: per locale and channel. Invariant: versions count from 1 without a gap and a version never
 * changes its content, so that it can be shown for ever what a message said but for what was filled in.
 *
 * The language of the places is not known here (see commands/template): a version is stored after it was parsed.
 */
import { type Static, Type } from '@sinclair/typebox';
import { Locale } from '../consent/rules.js';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { TemplateId, type TenantId } from '../ids.js';
import { type Channel, channels } from '../message/kinds.js';
import { rejected } from '../rejected.js';
import { isSameData } from '../sameData.js';
import { streamName } from '../stream.js';

export const templateStream = (tenant: TenantId, id: TemplateId) =>
  streamName('template', tenant, id);

const closed = { additionalProperties: false } as const;

/** Lists are what digests are made of: `items`. */
export const variableKinds = ['text', 'number', 'date', 'money', 'boolean', 'list'] as const;
export type VariableKind = (typeof variableKinds)[number];

export const Variable = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][A-Za-z0-9_]{0,63}$', examples: ['points'] }),
    kind: Type.Union(
      variableKinds.map((kind) => Type.Literal(kind)),
      { description: 'date: ISO 8601; money: {minor, currency}' },
    ),
    /** Left out: it has to be given. */
    optional: Type.Optional(Type.Boolean()),
    /** Filled in where a preview gives none. */
    example: Type.Optional(Type.Unknown()),
  },
  closed,
);
export type Variable = Static<typeof Variable>;

/** Sources in LiquidJS. */
export const Body = Type.Object(
  {
    subject: Type.Optional(
      Type.String({ minLength: 1, maxLength: 500, description: 'Of an e-mail, a notification' }),
    ),
    text: Type.String({ minLength: 1, maxLength: 20_000 }),
    html: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100_000,
        description: 'Of an e-mail; what is filled in is escaped',
      }),
    ),
    link: Type.Optional(
      Type.String({ minLength: 1, maxLength: 2_000, description: 'Where a tap leads' }),
    ),
  },
  closed,
);
export type Body = Static<typeof Body>;

export const localesMax = 20;
const Bodies = Type.Unsafe<Readonly<Partial<Record<Channel, Body>>>>(
  Type.Object(Object.fromEntries(channels.map((channel) => [channel, Type.Optional(Body)])), {
    ...closed,
    minProperties: 1,
  }),
);

export const TemplateContent = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, examples: ['Points expire'] }),
    defaultLocale: Locale,
    variables: Type.Array(Variable, { maxItems: 50 }),
    /** By locale, then by channel. */
    bodies: Type.Record(Locale, Bodies, {
      ...closed,
      minProperties: 1,
      maxProperties: localesMax,
    }),
  },
  { ...closed, title: 'TemplateContent' },
);
export type TemplateContent = Static<typeof TemplateContent>;

// These names are the storage format: proof-read, version with care.
export const TemplateVersioned = event('TemplateVersioned', {
  templateId: TemplateId,
  version: Type.Integer({ minimum: 1 }),
  content: TemplateContent,
});
export const TemplateRetired = event('TemplateRetired', {
  templateId: TemplateId,
  reason: Type.String({ maxLength: 500 }),
});

export const templateEvents = [TemplateVersioned, TemplateRetired] as const;
export type TemplateEvent = EventOf<(typeof templateEvents)[number]>;

/** Versions in use are held in memory. */
export const templateVersionsMax = 200;

export type Template =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'retired';
      readonly version: number;
      readonly content: TemplateContent;
    };

export const template: Aggregate<Template, TemplateEvent> = {
  category: 'template',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'TemplateVersioned': {
        const { version, content } = event.data;
        return { status: 'active', version, content };
      }
      case 'TemplateRetired':
        return state.status === 'unknown' ? state : { ...state, status: 'retired' };
      default:
        return unreachable(event);
    }
  },
};

/** A template that was retired comes back with its next version. @throws Rejected too-many-template-versions */
export const versionTemplate = (
  { templateId, content }: { readonly templateId: TemplateId; readonly content: TemplateContent },
  state: Template,
): TemplateEvent[] => {
  const version = state.status === 'unknown' ? 1 : state.version + 1;
  if (state.status === 'active' && isSameData(state.content, content)) {
    return []; // already carried out
  }
  if (version > templateVersionsMax) {
    throw rejected('too-many-template-versions', { most: templateVersionsMax });
  }
  return [{ type: 'TemplateVersioned', data: { templateId, version, content } }];
};

/** Messages accepted before keep it. */
export const retireTemplate = (
  command: EventOf<typeof TemplateRetired>['data'],
  state: Template,
): TemplateEvent[] => {
  if (state.status === 'unknown') {
    throw rejected('template-not-found', { templateId: command.templateId });
  }
  if (state.status === 'retired') return []; // already carried out
  return [{ type: 'TemplateRetired', data: command }];
};
