/** What HTTP providers are sent and how they are understood, over a client that writes down what it is asked. */
import { expect } from 'chai';
import type { ProviderRecord } from '../../../../commands/carriers.js';
import type { ProviderId, TenantId } from '../../../../domain/ids.js';
import { openProvider } from '../../../../workers/outreach/providers/open.js';
import type {
  Outgoing,
  ProviderHttp,
  ProviderHttpAnswer,
} from '../../../../workers/outreach/providers/port.js';

type Asked = Parameters<ProviderHttp>[0];

const deadline = (): AbortSignal => AbortSignal.timeout(1_000);

const message = (n: number, text = `Hello ${n}`): Outgoing =>
  ({
    ...{ messageId: `m${n}`, attempt: 1, class: 'service', clientReference: `ref${n}` },
    ...{ to: { kind: 'phone', phone: '+37126123456' }, content: { text }, expiresAt: 9e12 },
  }) as unknown as Outgoing;

const answered = (status: number, body: unknown = {}): ProviderHttpAnswer => ({
  ...{ kind: 'answered', status, headers: {} },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const openHttp = (
  settings: object,
  answer: (asked: Asked) => ProviderHttpAnswer = () => answered(200),
) => {
  const asked: Asked[] = [];
  const troubles: unknown[] = [];
  const record = {
    ...{ tenant: 'demo' as TenantId, providerId: 'north' as ProviderId, kind: 'http', settings },
    ...{ channel: 'sms', concurrency: 1, generation: 1 },
  } as unknown as ProviderRecord;
  const { provider } = openProvider(
    record,
    {},
    {
      ...{ now: () => 1_000, onReceipts: () => undefined },
      onTrouble: (error) => troubles.push(error),
      dial: () => Promise.reject(new Error('not here')),
      http: async (request) => {
        asked.push(request);
        return answer(request);
      },
    },
  );
  return { provider, asked, troubles };
};

const url = 'https://sms.example/send';
const body = { text: '{{text}}', ref: '{{clientReference}}' };

describe('JSON over HTTP, as it is filled and understood', () => {
  it('spoils no call by a text that has no form in an address', async () => {
    const { provider, asked, troubles } = openHttp({ request: { url: `${url}?t={{text}}`, body } });
    const results = await provider.send(
      [message(1), message(2, 'a\ud83d'), message(3)],
      deadline(),
    );
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(Array(3).fill('submitted'));
    expect(asked[1]?.url).to.equal(`${url}?t=a%EF%BF%BD`);
    expect(JSON.parse(String(asked[1]?.body))).to.deep.equal({ text: 'a\ufffd', ref: 'ref2' });
    expect(troubles).to.deep.equal([]);
  });

  for (const [status, wanted] of [
    [500, 'unknownOutcome'],
    [520, 'unknownOutcome'],
    [524, 'unknownOutcome'],
    [503, 'transient'],
    [521, 'transient'],
  ] as const) {
    it(`takes ${status} for ${wanted}`, async () => {
      const { provider } = openHttp({ request: { url, body } }, () => answered(status));
      const [result] = await provider.send([message(1)], deadline());
      expect(result).to.include({ errorClass: wanted });
    });
  }

  it('leaves unknown only the message whose request breaks', async () => {
    const { provider, asked, troubles } = openHttp({ request: { url, body }, atOnce: 1 }, (one) => {
      if (String(one.body).includes('ref1')) throw new Error('broken');
      return answered(200);
    });
    const results = await provider.send([message(1), message(2), message(3)], deadline());
    expect(
      results.map((one) => ('errorClass' in one ? one.errorClass : one.outcome)),
    ).to.deep.equal(['unknownOutcome', 'submitted', 'submitted']);
    expect(asked).to.have.length(3);
    expect(troubles).to.have.length(1);
  });
});
