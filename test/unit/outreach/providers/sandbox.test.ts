import { expect } from 'chai';
import type { MessageId, ProviderId, TenantId } from '../../../../domain/ids.js';
import type { ProviderRecord } from '../../../../commands/carriers.js';
import { openProvider, ProviderUnusable } from '../../../../workers/outreach/providers/open.js';
import { tellsNoMore } from '../../../../workers/outreach/providers/kinds.js';
import type { Outgoing, Receipt } from '../../../../workers/outreach/providers/port.js';
import { takeControl } from '../../../../workers/outreach/providers/sandbox/control.js';
import { sandbox } from '../../../../workers/outreach/providers/sandbox/kind.js';
import type { SandboxSettings } from '../../../../workers/outreach/providers/sandbox/settings.js';

const message = (n: number, email = `p${n}@example.com`): Outgoing => ({
  messageId: String(n).padStart(32, '0') as MessageId,
  ...{ attempt: 1, class: 'service', clientReference: `ref${n}` },
  to: { kind: 'email', email },
  content: { subject: 'Hello', text: 'Hello' },
  expiresAt: 10_000,
});
const messages = (count: number): Outgoing[] =>
  Array.from({ length: count }, (_, index) => message(index + 1));
const soon = () => AbortSignal.timeout(50);

const record = (settings: object, kind = 'sandbox') =>
  ({
    ...{ tenant: 'demo' as TenantId, providerId: 'try_out' as ProviderId, kind, settings },
    ...{ channel: 'email', concurrency: 1, generation: 1 },
  }) as unknown as ProviderRecord;

const open = (settings: SandboxSettings, now = () => 1_000) => {
  const receipts: Receipt[] = [];
  const troubles: unknown[] = [];
  const opened = openProvider(
    record(settings),
    {},
    {
      now,
      onReceipts: (more) => void receipts.push(...more),
      onTrouble: (error) => troubles.push(error),
      http: () => Promise.reject(new Error('not here')),
      dial: () => Promise.reject(new Error('not here')),
    },
  );
  return { ...opened, receipts, troubles };
};

describe('the sandbox', () => {
  it('takes what it is given and says so in order', async () => {
    const { provider, batchMax } = open({});
    const results = await provider.send(messages(3), soon());
    expect(results).to.deep.equal(
      [1, 2, 3].map((n) => ({ outcome: 'submitted', providerReference: `sandbox.ref${n}` })),
    );
    expect(batchMax).to.equal(100);
  });

  it('refuses as its settings say', async () => {
    const { provider } = open({
      faults: [
        { addressEndsWith: '@gone.example', outcome: 'recipientPermanent', code: '550' },
        { every: 2, outcome: 'throttled', retryAfterMs: 700 },
      ],
    });
    const given = [message(1, 'x@gone.example'), message(2), message(3)];
    const results = await provider.send(given, soon());
    expect(
      results.map((one) => ('errorClass' in one ? one.errorClass : one.outcome)),
    ).to.deep.equal(['recipientPermanent', 'throttled', 'submitted']);
    expect(results[1]).to.include({ retryAfterMs: 700 });
  });

  it('lets so many through in a second and says when there is room again', async () => {
    let now = 5_250;
    const { provider } = open({ perSecond: 2 }, () => now);
    const results = await provider.send(messages(3), soon());
    expect(results.map(({ outcome }) => outcome)).to.deep.equal([
      ...['submitted', 'submitted', 'refused'],
    ]);
    expect(results[2]).to.include({ errorClass: 'throttled', retryAfterMs: 750 });
    now = 6_000;
    expect(await provider.send(messages(1), soon())).to.have.nested.property(
      '[0].outcome',
      'submitted',
    );
  });

  for (const outcome of ['silent', 'deaf', 'garbage', 'short', 'throws'] as const) {
    it(`leaves everybody unsure where it is told to be ${outcome}`, async () => {
      const { provider } = open({ faults: [{ outcome }] });
      const results = await provider.send(messages(2), AbortSignal.timeout(5));
      expect(results).to.have.length(2);
      for (const one of results) expect(one).to.include({ errorClass: 'unknownOutcome' });
    });
  }

  it('knows afterwards what it took', async () => {
    const { provider } = open({
      reconcile: 'remembers',
      faults: [
        { addressEndsWith: 'p1@example.com', outcome: 'unknownOutcome', arrives: true },
        { addressEndsWith: 'p2@example.com', outcome: 'unknownOutcome' },
      ],
    });
    await provider.send(messages(2), soon());
    expect(await provider.reconcile('ref1', soon())).to.include({ outcome: 'submitted' });
    expect(await provider.reconcile('ref2', soon())).to.deep.equal({ outcome: 'never-arrived' });
  });

  it('reports what it took by itself, and nothing once it is closed', async () => {
    const { provider, receipts } = open({ receipts: { afterMs: 0, status: 'delivered' } });
    await provider.send(messages(2), soon());
    const deadline = Date.now() + 10_000;
    while (receipts.length === 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(receipts.map(({ clientReference }) => clientReference)).to.deep.equal(['ref1', 'ref2']);
    await provider.send(messages(1), soon());
    await provider.close();
    await provider.close();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(receipts).to.have.length(2);
  });

  it('is waited for only where it was told to report, or somebody can in its name', () => {
    const isOver = (settings: Record<string, unknown>, secrets?: string, kind = 'sandbox') =>
      tellsNoMore({ kind, settings, ...(secrets ? { sealedSecrets: secrets } : {}) });
    expect(isOver({})).to.equal(true);
    expect(isOver({ receipts: { afterMs: 0, status: 'delivered' } })).to.equal(false);
    expect(isOver({}, 'sealed')).to.equal(false);
    expect(isOver({ control: 'spec' })).to.equal(false);
    expect(isOver({ receipts: false }, 'sealed', 'smpp')).to.equal(true);
    expect(isOver({}, 'sealed', 'smpp')).to.equal(false);
    expect(isOver({}, 'sealed', 'http')).to.equal(true);
    expect(isOver({}, undefined, 'telegram')).to.equal(true);
  });

  it('is taken in hand by a test', async () => {
    const control = takeControl('spec');
    try {
      const { provider, receipts } = open({ control: 'spec' });
      control.behaviour = { faults: [{ outcome: 'transient' }] };
      const [result] = await provider.send(messages(1), soon());
      expect(result).to.include({ errorClass: 'transient' });
      expect(control.sent).to.have.length(1);
      control.report([{ clientReference: 'ref1', status: 'read', at: 1 }]);
      expect(receipts).to.have.length(1);
    } finally {
      control.release();
    }
  });

  it('answers nobody who calls back without its token', () => {
    const body = Buffer.from(
      JSON.stringify({ receipts: [{ clientReference: 'ref1', status: 'delivered', at: 5 }] }),
    );
    const options = {
      ...{ tenant: 'demo' as TenantId, providerId: 'try_out' as ProviderId, now: 0 },
      ...{ settings: {}, secrets: { callbackToken: 'open sesame' } },
    };
    const call = (authorization: string | undefined, given = body) =>
      sandbox.callback?.({ headers: { authorization }, query: {}, body: given }, options);
    expect(call('Bearer open sesame')).to.have.nested.property('receipts[0].status', 'delivered');
    expect(call('Bearer open sesam!')).to.include({ kind: 'refused' });
    expect(call(undefined)).to.include({ kind: 'refused' });
    expect(call('Bearer open sesame', Buffer.from('{'))).to.include({ kind: 'refused' });
    expect(call('Bearer open sesame', Buffer.from('{}'))).to.include({ kind: 'refused' });
  });

  it('is not opened with settings that its schema does not know, and tells no secret', () => {
    const ports = {
      ...{ now: () => 0, onReceipts: () => undefined, onTrouble: () => undefined },
      http: () => Promise.reject(new Error('not here')),
      dial: () => Promise.reject(new Error('not here')),
    };
    expect(() => openProvider(record({ delayMs: -1 }), {}, ports)).to.throw(
      ProviderUnusable,
      /settings\/delayMs/,
    );
    expect(() => openProvider(record({}), { callbackToken: 'short' }, ports))
      .to.throw(ProviderUnusable, /callbackToken/)
      .with.property('message')
      .that.does.not.include('short');
    expect(() => openProvider(record({}, 'pigeon'), {}, ports)).to.throw(/no kind of provider/);
  });
});
