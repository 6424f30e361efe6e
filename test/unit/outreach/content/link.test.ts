/** The link that ends such messages, in what the dispatcher hands to a provider. */
import { expect } from 'chai';
import { linkKey, unsubscribeTerms } from '../../../../commands/consent/unsubscribe.js';
import { createRenderer } from '../../../../commands/template/render.js';
import { outreachRulesDefault } from '../../../../domain/consent/rules.js';
import type { MessageId, TemplateId, TenantId } from '../../../../domain/ids.js';
import type { MessageClass } from '../../../../domain/message/kinds.js';
import { accepted, type Accepted } from '../../../../domain/message/message.js';
import { createMemoryPersonalKeys } from '../../../../platform/memory/personalKeys.js';
import { requestOf, type StoredRequest } from '../../../../projections/outbox/request.js';
import type { Knowledge } from '../../../../workers/outreach/knowledge.js';
import type { Loaded } from '../../../../workers/outreach/loaded.js';
import { createPrepare, type PrepareOptions } from '../../../../workers/outreach/prepare.js';
import { withBody } from '../../template/contents.js';

const noon = Date.parse('2026-05-04T12:00:00Z');
const demo = 'demo' as TenantId;
const hash = 'a1'.repeat(32);
const publicUrl = 'https://shop.example';
const source = '{% if unsubscribeUrl %}End: {{ unsubscribeUrl }}{% else %}News.{% endif %}';
const template = { content: withBody({ text: source }) };

const prepared = async (of: MessageClass, given: { readonly publicUrl?: string }) => {
  const keys = createMemoryPersonalKeys();
  const data = {
    ...{
      messageId: '0'.repeat(32) as MessageId,
      class: of,
      requester: { kind: 'operator', id: 'owner' },
    },
    recipient: { userId: null, subject: `addr_${hash.slice(0, 40)}`, addresses: { email: hash } },
    template: { templateId: 'news' as TemplateId, version: 1 },
    ...{ sealed: '', strategy: null, notBefore: null, lane: 0 },
    steps: [{ channel: 'email', until: 'sent', waitSeconds: 60 }],
    expiresAt: new Date(noon + 60_000).toISOString(),
  } as Accepted;
  const loaded: Loaded = {
    ...{ messageId: data.messageId, message: accepted(data, noon - 1_000), digested: [] },
    request: JSON.parse(JSON.stringify(requestOf(data))) as StoredRequest,
    ...{ since: noon, state: 'busy' },
  };
  const addresses = { email: { kind: 'email', email: 'ada@example.com' } } as const;
  const known = {
    opened: () => ({ addresses }),
    addresses: () => addresses,
    language: () => null,
    isTooEarly: () => false,
    hash: () => hash,
    suppression: () => null,
    consent: () => ({ state: 'given', since: 0 }),
    endedBy: () => [`addr_${hash.slice(0, 40)}`],
    sent: () => [],
    digested: () => null,
    linkKey: linkKey(await keys.indexKey(demo)),
    asOf: '1',
  } as Knowledge;
  const route = () => ({ kind: 'found', decision: { chosen: 'mail' }, isProbe: false });
  const prepare = createPrepare({
    ...{ outreach: { template: () => template }, renderer: createRenderer(), now: () => noon },
    carriers: { route, tellsNoMore: () => false, silenceSeconds: () => undefined },
    lately: { of: () => [], add: () => undefined },
    ...given,
  } as unknown as PrepareOptions);
  const rules = outreachRulesDefault;
  const found = prepare({ tenant: demo, class: of, channel: 'email', rules }, loaded, known);
  if (found.kind !== 'send') throw new Error(`not to be sent: ${found.kind}`);
  return { content: found.outgoing.content, keys };
};

describe('a message that is sent', () => {
  it('carries the link that ends it where its recipient may object, in body and header alike', async () => {
    for (const of of ['service', 'marketing'] as const) {
      const { content, keys } = await prepared(of, { publicUrl });
      const { unsubscribe = '' } = content;
      expect(content.text).to.equal(`End: ${unsubscribe}`);
      expect(unsubscribe).to.match(/^https:\/\/shop\.example\/outreach\/v1\/unsubscribe\/demo\./);
      const token = unsubscribe.slice(unsubscribe.lastIndexOf('/') + 1);
      // What it ends is what is asked before the next one is sent.
      expect(await unsubscribeTerms(keys, () => true, token)).to.deep.equal({
        ...{ tenant: demo, subjects: [`addr_${hash.slice(0, 40)}`], channel: 'email', class: of },
      });
    }
  });

  it('carries none where nobody may object, or where there is no address to lead to', async () => {
    for (const of of ['otp', 'transactional'] as const) {
      const { content } = await prepared(of, { publicUrl });
      expect(content).to.deep.equal({ text: 'News.' });
    }
    const { content } = await prepared('marketing', {});
    expect(content).to.deep.equal({ text: 'News.' });
  });
});
