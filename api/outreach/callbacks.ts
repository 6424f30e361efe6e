/**
 * POST /outreach/v1/callbacks/{tenant}/{providerId}: what providers tell of messages they carried. Open to everybody, since providers have no
 * credentials of ours: the provider's own kind judges each call by what was agreed with it, a signature or a token.
 *
 * Invariant: 200 says that the receipts are in the log. Who is refused is not told why: what is wrong with a signature helps only whoever
 * makes it up; it is in the log of the process.
 */
import { Type } from '@sinclair/typebox';
import type { Directory } from '../../commands/directory.js';
import type { TakeReceipts } from '../../commands/provider/receipts.js';
import { ProviderId, TenantId } from '../../domain/ids.js';
import { everybody } from '../auth/access.js';
import { createBackOff } from '../auth/backOff.js';
import { createRateLimit } from '../auth/rateLimit.js';
import { faulty } from '../input.js';
import { refused } from '../refused.js';
import { type ApiRequest, type Route, route } from '../route.js';
import type { Upload } from '../upload.js';
import type { ProviderDesk } from './providerDesk.js';

export interface CallbackRoutes {
  readonly directory: Directory;
  readonly providerDesk: Pick<ProviderDesk, 'judge'>;
  readonly takeReceipts: TakeReceipts;
  readonly onRefused: (refusal: {
    readonly tenant: TenantId;
    readonly providerId: ProviderId;
    readonly reason: string;
  }) => void;
}

const bytesMax = 262_144;
/** Of one provider, and as many again at once: a call may carry many receipts. As many of one address before it is known who calls. */
const callsPerSecond = 500;
const failuresPerAddress = { free: 20, secondsMax: 60 } as const;

const single = (headers: ApiRequest<unknown, unknown, unknown>['headers']) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );

export const callbackRoutes = (services: CallbackRoutes): Route[] => {
  const { directory, providerDesk, takeReceipts, onRefused } = services;
  const limit = { perSecond: callsPerSecond, burst: callsPerSecond * 2 };
  const unproved = createRateLimit(limit);
  const proved = createRateLimit(limit);
  const guesses = createBackOff(failuresPerAddress);
  return [
    route({
      method: 'POST',
      path: '/outreach/v1/callbacks/{tenant}/{providerId}',
      summary: 'Takes what a provider reports of messages that it carried.',
      description:
        'Each kind of provider says what it sends and how it is signed; where it cannot sign, it sends the agreed token. Of e-mail, bounces and ' +
        'complaints are handed over as they came, as message/rfc822. 200: the receipts are recorded, and need not be told again; 400: told ' +
        'again it would be refused again.',
      tags: ['Outreach'],
      access: everybody,
      params: { tenant: TenantId, providerId: ProviderId },
      query: {
        token: Type.Optional(
          Type.String({ maxLength: 200, description: 'For providers that cannot send a header' }),
        ),
      },
      upload: {
        contentTypes: [
          ...['application/json', 'application/x-www-form-urlencoded', 'text/plain'],
          // A letter about letters, as it came.
          'message/rfc822',
        ],
        bytesMax,
        lineMax: bytesMax,
      },
      body: Type.Unknown({ description: 'As the kind of the provider has it' }),
      response: Type.Object({ taken: Type.Integer({ minimum: 0 }) }, { title: 'ReceiptsTaken' }),
      problems: ['not-found', 'credentials-invalid', 'rate-limited'],
      examples: {
        body: [
          {
            summary: 'As a sandbox reports',
            value: {
              receipts: [
                {
                  providerReference: 'sandbox.0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80.1',
                  status: 'delivered',
                  at: 1_795_348_800_000,
                },
              ],
            },
          },
        ],
      },
      handle: async (request) => {
        const { tenant, providerId } = request.params;
        const { address, now, query } = request;
        const record = directory.carriers.provider(tenant, providerId);
        const isOpen = directory.tenant(tenant)?.status === 'active';
        if (!record || !isOpen) {
          guesses.begin(address, now);
          throw refused('not-found', 'Check the address of the callback.');
        }
        // What others send in its name takes nothing from a provider that calls from elsewhere.
        const caller = `${tenant}/${providerId} ${address}`;
        guesses.look(caller, now);
        unproved.take(caller, now);
        const body = await (request.body as Upload).whole();
        const call = { headers: single(request.headers), query, body };
        const judged = await providerDesk.judge(record, call);
        if (judged.kind === 'none') {
          throw refused('not-found', 'Check the address of the callback.');
        }
        if (judged.kind === 'refused') {
          // Counted only now: one provider reports over many connections of one address at a time.
          guesses.begin(caller, now);
          onRefused({ tenant, providerId, reason: judged.reason });
          throw refused('credentials-invalid', 'Sign the call as it was agreed.');
        }
        proved.take(`${tenant}/${providerId}`, now);
        if (judged.kind === 'unreadable') {
          onRefused({ tenant, providerId, reason: judged.reason });
          throw faulty('body', '', judged.reason);
        }
        const { receipts } = judged;
        if (receipts.length > 0) await takeReceipts(tenant, providerId, receipts);
        return { body: { taken: receipts.length } };
      },
    }),
  ];
};
