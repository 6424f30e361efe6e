import { Type } from '@sinclair/typebox';
import { defineKind } from '../../../../workers/outreach/providers/defineKind.js';
import { eachOf, refusal, submitted } from '../../../../workers/outreach/providers/results.js';

const closed = { additionalProperties: false } as const;

/** What the gateway answers, and what it means. */
const classes = {
  BUSY: 'transient',
  'NO PAGER': 'recipientPermanent',
  'TOO LONG': 'contentPermanent',
  'BAD KEY': 'accountPermanent',
} as const;

export const pager = defineKind({
  kind: 'pager',
  title: 'Pagers',
  summary: 'Writes to pagers through a gateway that takes a line and answers one.',
  channels: ['sms'],
  settings: Type.Object({ url: Type.String({ pattern: '^https?://' }) }, closed),
  secrets: Type.Object({ key: Type.String({ minLength: 4 }) }, closed),
  batchMax: () => 10,
  receipts: 'none',
  open: ({ settings, secrets, http, onTrouble }) => ({
    send: (messages, deadline) =>
      eachOf(
        messages,
        2,
        deadline,
        async ({ to, content, clientReference }) => {
          if (to.kind !== 'phone') return refusal('recipientPermanent', 'no-number', 'No number.');
          const answer = await http({
            method: 'POST',
            url: settings.url,
            headers: { 'content-type': 'text/plain', authorization: secrets.key },
            body: `${clientReference} ${to.phone} ${content.text}`,
            deadline,
          });
          if (answer.kind === 'failed') {
            // Written and not answered: it may have arrived.
            const errorClass = answer.written ? 'unknownOutcome' : 'transient';
            return refusal(errorClass, answer.code, answer.text);
          }
          const [word = '', rest = ''] = answer.body.split(': ');
          if (word === 'OK') return submitted(rest);
          const errorClass = classes[rest as keyof typeof classes] ?? 'transient';
          return refusal(errorClass, rest, `The gateway answered ${rest}.`);
        },
        onTrouble,
      ),
    close: async () => undefined,
  }),
});
