/**
 * /outreach/v1/unsubscribe: the link in a message that ends such messages. Mail programs post to it at one click (RFC 8058); a person gets
 * a page with a button, since a GET must change nothing: whoever scans mails for viruses opens every link in them.
 */
import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import {
  unsubscribe,
  type UnsubscribeTerms,
  unsubscribeTerms,
} from '../../commands/consent/unsubscribe.js';
import type { Handler } from '../../commands/handle.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import { everybody } from '../auth/access.js';
import { type Reply, type Route, route } from '../route.js';
import type { Upload } from '../upload.js';

export interface UnsubscribeRoutes {
  readonly handler: Handler;
  readonly keys: Pick<PersonalKeys, 'indexKey'>;
}

const tags = ['Outreach'] as const;
const token = Type.String({ minLength: 10, maxLength: 600, description: 'Of the link' });
const OneClick = Type.Object(
  { 'List-Unsubscribe': Type.Optional(Type.String({ examples: ['One-Click'] })) },
  { additionalProperties: false, title: 'OneClick' },
);
const formTypes = ['application/x-www-form-urlencoded', 'multipart/form-data'];
const bytesMax = 4_096;
const contentType = 'text/html; charset=utf-8';

const page = (title: string, text: string, form: string): Reply<string> => ({
  contentType,
  // Neither a copy on the way nor an address in the Referer of what is opened next.
  headers: { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><main><h1>${title}</h1><p>${text}</p>${form}</main></body></html>
`,
});

const kindOf = ({ class: of, channel }: UnsubscribeTerms): string =>
  `${of === 'marketing' ? 'advertising' : 'service'} messages by ${channel}`;

export const unsubscribeRoutes = ({ handler, keys }: UnsubscribeRoutes): Route[] => {
  const termsOf = (of: string): Promise<UnsubscribeTerms> =>
    unsubscribeTerms(keys, (tenant) => handler.directory.tenant(tenant)?.status === 'active', of);

  return [
    route({
      method: 'GET',
      path: '/outreach/v1/unsubscribe/{token}',
      summary: 'A page that asks whether such messages are to end. Changes nothing.',
      tags,
      access: everybody,
      params: { token },
      response: Type.String(),
      contentType,
      problems: ['unsubscribe-link-refused'],
      handle: async ({ params }) => {
        const text = `You will get no more ${kindOf(await termsOf(params.token))}.`;
        const form = '<form method="post"><button name="confirm">Unsubscribe</button></form>';
        return page('Unsubscribe?', text, form);
      },
    }),
    route({
      method: 'POST',
      path: '/outreach/v1/unsubscribe/{token}',
      summary: 'Ends such messages at one click, as RFC 8058 has it. Twice is the same.',
      tags,
      access: everybody,
      params: { token },
      body: OneClick,
      upload: { contentTypes: formTypes, bytesMax, lineMax: bytesMax },
      command: 'WithdrawConsents',
      response: Type.String(),
      contentType,
      problems: ['unsubscribe-link-refused'],
      handle: async ({ params, body, now, correlationId }) => {
        // The link says all there is to say: the form is read only for the connection's sake.
        for await (const _lines of (body as unknown as Upload).lines());
        const terms = await termsOf(params.token);
        const { position } = await unsubscribe(handler, terms, {
          tenant: terms.tenant,
          now,
          correlationId,
          actor: { kind: 'system', id: 'unsubscribe-link' },
          // Each click is an order of its own: who agreed again and thinks better of it is heard.
          idempotencyKey: randomUUID(),
        });
        const done = page('Unsubscribed', `You get no more ${kindOf(terms)}.`, '');
        return { ...done, position };
      },
    }),
  ];
};
