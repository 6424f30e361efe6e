/** A shop with a template and whatever policies a spec sets; what is accepted is opened again, to see what would be said. */
import { createAcceptMessages } from '../../../../commands/message/accept.js';
import { openMessage } from '../../../../commands/message/sealing.js';
import { setPolicy } from '../../../../commands/policy/setPolicy.js';
import { versionTemplate } from '../../../../commands/template/versionTemplate.js';
import type { EventOf } from '../../../../domain/event.js';
import type { Position } from '../../../../domain/fact.js';
import type { TemplateId } from '../../../../domain/ids.js';
import type { MessageAccepted } from '../../../../domain/message/events.js';
import type { PolicyContent, Trigger } from '../../../../domain/policy/policy.js';
import type { TemplateContent } from '../../../../domain/template/template.js';
import { createMessaging, type MadeOf } from '../../../../workers/outreach/policies/messaging.js';
import { openShop } from '../../commands/account/shop.js';
import { demo } from '../../commands/house.js';

export const templateId = 'news' as TemplateId;
const names: TemplateContent['variables'] = [
  ...(['couponId', 'series', 'tier', 'previous', 'merchant', 'greeting'] as const).map((name) => ({
    ...{ name, kind: 'text' as const, optional: true },
  })),
  ...(['points', 'pointsEarned', 'balance'] as const).map((name) => ({
    ...{ name, kind: 'number' as const, optional: true },
  })),
  ...(['due', 'day', 'validUntil'] as const).map((name) => ({
    ...{ name, kind: 'date' as const, optional: true },
  })),
  { name: 'total', kind: 'money', optional: true },
];

export const openOffice = async () => {
  const shop = await openShop();
  const { log, directory, handler, keys, context } = shop;
  const content = { name: 'News', defaultLocale: 'en', variables: names };
  const bodies = { en: { sms: { text: 'News.' } } };
  await handler.handle(versionTemplate, { templateId, content: { ...content, bodies } }, context());
  const made: MadeOf[] = [];
  const kept = new Map<string, Position>();
  const make = createMessaging({
    accept: createAcceptMessages({ log, directory, keys }),
    ...{ outreach: directory.outreach, now: shop.now, onMade: (one) => void made.push(one) },
  });
  const accepted = () =>
    log.facts
      .filter(({ type }) => type === 'MessageAccepted')
      .map(({ data }) => data as EventOf<typeof MessageAccepted>['data']);
  return {
    ...shop,
    ...{ made, make, kept, accepted },
    checkpoints: {
      load: async (name: string) => kept.get(name) ?? null,
      save: async (name: string, position: Position) => void kept.set(name, position),
    },
    set: (policyId: string, trigger: Trigger, over: Partial<PolicyContent> = {}) => {
      const policy: PolicyContent = {
        ...{ name: policyId, enabled: true, trigger, class: 'service' },
        ...{ template: { templateId }, via: { channel: 'sms' } },
        ...over,
      };
      return handler.handle(setPolicy, { policyId, content: policy }, context());
    },
    /** What fills the templates of what was accepted. */
    said: async () => {
      const opened = accepted().map(({ recipient: { subject }, sealed }) =>
        openMessage(keys, demo, { subject, sealed }),
      );
      return (await Promise.all(opened)).map((one) => one?.variables ?? {});
    },
  };
};
export type Office = Awaited<ReturnType<typeof openOffice>>;
