/**
 * /admin/v1/outreach/templates: what messages say. Every change is a version of its own, stored once it was seen that it can be rendered;
 * a preview shows what a recipient would read, with the parts of a short message counted, also of what is not stored yet.
 */
import { Type } from '@sinclair/typebox';
import type { TemplateVersion, Versions } from '../../commands/outreach.js';
import { templateFaults } from '../../commands/template/check.js';
import type { Renderer } from '../../commands/template/render.js';
import { retireTemplate } from '../../commands/template/retireTemplate.js';
import { examplesOf } from '../../commands/template/variables.js';
import { versionTemplate } from '../../commands/template/versionTemplate.js';
import { Locale } from '../../domain/consent/rules.js';
import { TemplateId, type TenantId } from '../../domain/ids.js';
import { Channel } from '../../domain/message/kinds.js';
import { isTimeZone } from '../../domain/pricing/localTime.js';
import { rejected } from '../../domain/rejected.js';
import { segmentsMax, segmentsOf } from '../../domain/template/segments.js';
import { TemplateContent } from '../../domain/template/template.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';

export interface TemplateRoutes extends Registry {
  readonly renderer: Renderer;
}

const tags = ['Outreach'] as const;
const closed = { additionalProperties: false } as const;
const version = Type.Integer({ minimum: 1 });
const Status = Type.Union([Type.Literal('active'), Type.Literal('retired')]);
const ofTemplate = { templateId: TemplateId } as const;

const Listed = Type.Object(
  {
    templateId: TemplateId,
    name: Type.String(),
    status: Status,
    version: Type.Integer({ minimum: 1, description: 'The newest' }),
    since: Instant,
    defaultLocale: Locale,
    channels: Type.Array(Channel, { description: 'In any locale' }),
    locales: Type.Array(Locale),
  },
  { title: 'ListedTemplate' },
);
const Shown = Type.Object(
  {
    templateId: TemplateId,
    status: Status,
    version,
    since: Instant,
    content: TemplateContent,
    versions: Type.Array(Type.Object({ version, since: Instant }), {
      description: 'The newest first, at most 100',
    }),
  },
  { title: 'ShownTemplate' },
);
const Versioned = Type.Object(
  { templateId: TemplateId, version, content: TemplateContent },
  { title: 'VersionedTemplate' },
);

const Variables = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), {
  maxProperties: 50,
});
const PreviewAsked = Type.Object(
  {
    channel: Channel,
    version: Type.Optional(
      Type.Integer({ minimum: 1, description: 'The newest unless told; not with `content`' }),
    ),
    content: Type.Optional({ ...TemplateContent, description: 'Instead of what is stored' }),
    locale: Type.Optional(Locale),
    timeZone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA' })),
    variables: Type.Optional({
      ...Variables,
      description: 'What is left out is taken from the examples of the template',
    }),
    items: Type.Optional(
      Type.Array(Variables, { minItems: 1, maxItems: 100, description: 'Of a digest' }),
    ),
  },
  { ...closed, title: 'PreviewAsked' },
);
const Counted = Type.Object(
  {
    encoding: Type.Union([Type.Literal('gsm7'), Type.Literal('ucs2')]),
    segments: Type.Integer({ minimum: 1, description: `More than ${segmentsMax} are not sent` }),
    units: Type.Integer({ minimum: 0, description: 'Places taken' }),
    left: Type.Integer({ minimum: 0, description: 'Places left in the last segment' }),
    because: Type.Array(Type.String(), {
      description: 'Signs that made it UCS-2, at most ten: what to replace to pay less',
    }),
  },
  { title: 'SegmentsCounted' },
);
const Preview = Type.Object(
  {
    locale: Type.String(),
    subject: Type.Optional(Type.String()),
    text: Type.String(),
    html: Type.Optional(Type.String()),
    link: Type.Optional(Type.String()),
    sms: Type.Optional(Counted),
  },
  { title: 'Preview' },
);

const example = {
  name: 'Points expire',
  defaultLocale: 'en',
  variables: [
    { name: 'points', kind: 'number', example: 2_500 },
    { name: 'due', kind: 'date', example: '2026-05-31' },
  ],
  bodies: {
    en: {
      sms: { text: '{{ points | points }} of your points expire on {{ due | date }}.' },
      email: {
        subject: 'Your points expire',
        text: '{{ points | points }} of your points expire on {{ due | date: "long" }}.',
        html: '<p>{{ points | points }} of your points expire on {{ due | date: "long" }}.</p>',
      },
    },
    de: { sms: { text: '{{ points | points }} Punkte verfallen am {{ due | date }}.' } },
  },
};

/** @throws Rejected template-not-found */
const present = (handler: Registry['handler'], tenant: TenantId, templateId: TemplateId) => {
  const found = handler.directory.outreach.templates(tenant).get(templateId);
  if (!found) throw rejected('template-not-found', { templateId });
  return found;
};

const listed = (
  templateId: TemplateId,
  { status, versions }: Versions<TemplateVersion>,
): typeof Listed.static => {
  const newest = versions[versions.length - 1] as TemplateVersion;
  const { name, defaultLocale, bodies } = newest.content;
  const channels = [...new Set(Object.values(bodies).flatMap((one) => Object.keys(one)))];
  return {
    templateId,
    name,
    status,
    version: newest.version,
    since: instantOf(newest.since),
    defaultLocale,
    channels: channels as never,
    locales: Object.keys(bodies),
  };
};

const previewRoute = ({ handler, renderer }: TemplateRoutes): Route =>
  route({
    method: 'POST',
    path: '/admin/v1/outreach/templates/{templateId}/preview',
    summary: 'Shows what a recipient would read. Sends and stores nothing.',
    description:
      'With `content` a template is tried before it is stored; the id may be new. Variables that are left out are taken from the examples.',
    tags,
    access: readersOnly,
    params: ofTemplate,
    body: PreviewAsked,
    response: Preview,
    problems: ['template-not-found', 'template-wrong', 'template-not-rendered'],
    examples: {
      body: [{ summary: 'As an SMS in German', value: { channel: 'sms', locale: 'de-AT' } }],
    },
    handle: (request) => {
      const { tenant } = wholeTenant(request);
      const { templateId } = request.params;
      const { channel, content: given, locale, timeZone, items } = request.body;
      const { outreach } = handler.directory;
      const { rules } = outreach.rules(tenant);
      if (timeZone !== undefined && !isTimeZone(timeZone)) {
        throw faulty('body', '/timeZone', 'must be a time zone of the IANA');
      }
      const faults = given ? templateFaults(given) : [];
      if (faults.length > 0) throw rejected('template-wrong', { faults });
      const stored = outreach.template(tenant, templateId, request.body.version)?.content;
      const content = given ?? stored;
      if (!content) throw rejected('template-not-found', { templateId });
      const variables = { ...examplesOf(content.variables), ...request.body.variables };
      const outcome = renderer.render({
        content,
        channel,
        locale: locale ?? null,
        variables,
        defaultLocale: rules.defaultLocale,
        timeZone: timeZone ?? rules.timeZone,
        ...(items && { items }),
        unsubscribeUrl: 'https://unsubscribe.example/',
      });
      if (outcome.kind === 'fault') {
        const { pointer, reason, detail } = outcome;
        throw rejected('template-not-rendered', { pointer, reason, advice: detail });
      }
      const { content: said, spoken } = outcome;
      const counted = channel === 'sms' && segmentsOf(said.text);
      const sms = counted && { ...counted, because: [...counted.because] };
      return { body: { locale: spoken.locale, ...said, ...(sms && { sms }) } };
    },
  });

export const outreachTemplateRoutes = (options: TemplateRoutes): Route[] => {
  const { handler } = options;
  return [
    route({
      method: 'GET',
      path: '/admin/v1/outreach/templates',
      summary: 'Lists what messages say, each template in its newest version.',
      tags,
      access: readersOnly,
      query: pageQuery,
      response: pageOf(Listed),
      handle: (request) => {
        const templates = handler.directory.outreach.templates(wholeTenant(request).tenant);
        const body = page(
          templates,
          ([id]) => id,
          request.query,
          ([id, of]) => listed(id, of),
        );
        return { body };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/outreach/templates/{templateId}',
      summary: 'Shows a template, in its newest version or in the one that is asked for.',
      tags,
      access: readersOnly,
      params: ofTemplate,
      query: { version: Type.Optional(version) },
      response: Shown,
      problems: ['template-not-found'],
      handle: (request) => {
        const { tenant } = wholeTenant(request);
        const { templateId } = request.params;
        const { status, versions } = present(handler, tenant, templateId);
        const { version: asked } = request.query;
        const shown = handler.directory.outreach.template(tenant, templateId, asked);
        if (!shown) throw rejected('template-not-found', { templateId, version: asked });
        const newestFirst = [...versions].reverse().slice(0, 100);
        return {
          body: {
            templateId,
            status,
            version: shown.version,
            since: instantOf(shown.since),
            content: shown.content,
            versions: newestFirst.map((one) => ({
              version: one.version,
              since: instantOf(one.since),
            })),
          },
        };
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/v1/outreach/templates/{templateId}',
      summary: 'Stores what a template says as its next version, once it was seen to render.',
      description:
        'All faults are told at once, each with a JSON pointer into the content. What it says already makes no version. One that was retired comes back.',
      tags,
      access: editorsOnly,
      params: ofTemplate,
      body: TemplateContent,
      idempotencyKey: 'optional',
      command: versionTemplate.name,
      response: Versioned,
      problems: ['template-wrong', 'too-many-templates', 'too-many-template-versions'],
      examples: { body: [{ summary: 'By SMS and e-mail, in two languages', value: example }] },
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, content: request.body };
        return done(await handler.handle(versionTemplate, input, contextOf(request)));
      },
    }),
    stepRoute(handler, {
      path: '/admin/v1/outreach/templates/{templateId}/retirement',
      summary: 'Takes a template out of use; messages accepted before keep it.',
      tags,
      access: editorsOnly,
      params: ofTemplate,
      command: retireTemplate,
      response: Type.Object(ofTemplate),
      problems: ['template-not-found'],
    }),
    previewRoute(options),
  ];
};
