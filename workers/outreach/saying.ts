/**
 * What a message says to its recipient: its own text, or its template filled in, in the language that is wished for. What cannot be said
 * is an answer too, with the place and never a value.
 */
import type { SealedContent } from '../../commands/message/sealing.js';
import type { Outreach } from '../../commands/outreach.js';
import type { RenderedContent, Renderer } from '../../commands/template/render.js';
import type { Variables } from '../../commands/template/variables.js';
import { zoneOf } from '../../domain/consent/permission.js';
import type { OutreachRules } from '../../domain/consent/rules.js';
import type { TenantId } from '../../domain/ids.js';
import type { Channel } from '../../domain/message/kinds.js';
import { type SpokenLanguage, spokenLanguage } from '../../domain/message/language.js';
import { segmentsMax, segmentsOf } from '../../domain/template/segments.js';
import type { Loaded } from './loaded.js';

export type Saying =
  | {
      readonly kind: 'said';
      readonly content: RenderedContent;
      /** Of an SMS. */
      readonly segments: number | null;
      /** Of a template. */
      readonly language: SpokenLanguage | null;
    }
  | { readonly kind: 'faulty'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'missing'; readonly detail: string };

interface Where {
  readonly tenant: TenantId;
  readonly channel: Channel;
  readonly rules: OutreachRules;
}

export interface Words {
  readonly content: SealedContent;
  /** Of a digest: the variables of each message that became one. */
  readonly items: readonly Variables[] | null;
  /** That the customer chose; null: none is known. */
  readonly language: string | null;
  /** Ends such messages; null: there is none. */
  readonly link: string | null;
}

const ownText = (channel: Channel, { text }: SealedContent): Saying => {
  if (!text) return { kind: 'faulty', reason: 'content', detail: 'there is nothing to say' };
  const segments = channel === 'sms' ? segmentsOf(text.text).segments : null;
  if (segments !== null && segments > segmentsMax) {
    const detail = `${segments} parts as an SMS, of ${segmentsMax} at the most`;
    return { kind: 'faulty', reason: 'content', detail };
  }
  return { kind: 'said', content: text, segments, language: null };
};

export const createSaying =
  ({ outreach, renderer }: { readonly outreach: Outreach; readonly renderer: Renderer }) =>
  ({ tenant, channel, rules }: Where, { message, request }: Loaded, words: Words): Saying => {
    const { content, items, language, link } = words;
    const reference = message.steps[message.step]?.template ?? request.template;
    if (!reference) return ownText(channel, content);
    const { templateId, version } = reference;
    const template = outreach.template(tenant, templateId, version);
    if (!template) {
      return { kind: 'missing', detail: `template ${templateId} ${version} is not known` };
    }
    const rendered = renderer.render({
      content: template.content,
      channel,
      defaultLocale: rules.defaultLocale,
      locale: request.recipient.locale ?? null,
      preferred: language,
      timeZone: zoneOf(request.recipient.timeZone ?? null, rules),
      variables: content.variables ?? {},
      ...(items ? { items } : {}),
      ...(link === null ? {} : { unsubscribeUrl: link }),
    });
    if (rendered.kind === 'fault') {
      const detail = `${rendered.pointer} ${rendered.reason}: ${rendered.detail}`.slice(0, 500);
      return { kind: 'faulty', reason: 'content', detail };
    }
    return {
      kind: 'said',
      content: rendered.content,
      segments: rendered.segments ?? null,
      language: spokenLanguage(rendered.spoken),
    };
  };
