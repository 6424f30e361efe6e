/** How many calls of providers are taken: what strangers send in a provider's name takes nothing from it. */
import { expect } from 'chai';
import { callbackRoutes, type CallbackRoutes } from '../../../../api/outreach/callbacks.js';

const good = 'one that is proved';

describe('calls of providers', () => {
  const send = () => {
    const [route] = callbackRoutes({
      directory: {
        carriers: { provider: () => ({}) },
        tenant: () => ({ status: 'active' }),
      },
      providerDesk: {
        judge: async (_record: unknown, { body }: { body: string }) =>
          body === good ? { kind: 'receipts', receipts: [] } : { kind: 'refused', reason: '' },
      },
      takeReceipts: async () => undefined,
      onRefused: () => undefined,
    } as unknown as CallbackRoutes);
    return async (address: string, body: string): Promise<string> => {
      const request = {
        ...{ params: { tenant: 'demo', providerId: 'north' }, address, now: 1_000, query: {} },
        ...{ headers: {}, body: { whole: async () => body } },
      };
      return Promise.resolve(route?.handle(request as never)).then(
        () => 'taken',
        (error: { code: string }) => error.code,
      );
    };
  };

  it('are limited for whoever cannot prove them, and for the provider by what it proved', async () => {
    const call = send();
    const strangers = await Promise.all(
      Array.from({ length: 1_100 }, (_, n) => call(n % 2 ? 'a' : 'b', 'made up')),
    );
    expect(new Set(strangers)).to.deep.equal(new Set(['credentials-invalid', 'rate-limited']));
    const own = await Promise.all(Array.from({ length: 1_002 }, (_, n) => call(`c${n % 3}`, good)));
    expect(own.filter((one) => one === 'taken')).to.have.length(1_000);
  });
});
