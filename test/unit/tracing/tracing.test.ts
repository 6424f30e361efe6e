import { expect } from 'chai';
import { asTraceparent, continuing, traceAppends } from '../../../commands/tracing.js';
import type { Log } from '../../../commands/log.js';
import type { Fact, NewFact } from '../../../domain/fact.js';
import { createCodec } from '../../../platform/eventstore/codec.js';
import { eventDefinitions } from '../../../domain/registry.js';
import { tracingSettings } from '../../../platform/tracing/settings.js';
import { answering } from '../../../workers/answering.js';
import { messageOfEvent } from '../../../workers/kafka/out/message.js';
import type { FoundBatch, Intake, Kafka, KafkaMessage } from '../../../workers/kafka/port.js';
import { traceKafka } from '../../../workers/kafka/tracing.js';
import { occasionOf } from '../../../workers/outreach/policies/factOccasions.js';
import { requestOf } from '../../../workers/outreach/policies/request.js';
import type { openProvider } from '../../../workers/outreach/providers/open.js';
import type { Outgoing } from '../../../workers/outreach/providers/port.js';
import { traceProviders } from '../../../workers/outreach/providers/tracing.js';
import type { DialRequest } from '../../../workers/webhook/dial.js';
import { traceDialler } from '../../../workers/webhook/tracing.js';
import { createRecorder, traceparentNo } from './recorder.js';

const metadata = {
  ...{ tenant: 'demo', actor: { kind: 'system', id: 'x' }, correlationId: 'c', causationId: 'c' },
  ...{ commandId: 'c', occurredAt: '2026-01-01T00:00:00.000Z', schemaVersion: 1, fingerprint: '' },
} as unknown as NewFact['metadata'];
const newFact = {
  ...{ id: '3b0f5f63-7a5f-4d2b-9d36-0c1a3c0f9a10', type: 'TenantRevoked', metadata },
  data: { reason: 'x' },
};
const traced = traceparentNo(7);
const factOf = (traceparent?: string): Fact => ({
  ...newFact,
  metadata: { ...metadata, ...(traceparent === undefined ? {} : { traceparent }) },
  ...{ stream: 'tenant-demo', revision: 0, position: 1n, recordedAt: 0 },
});

describe('carrying a trace on', () => {
  it('goes on from one, is linked with several, and knows what is none', () => {
    const [a, b] = [traceparentNo(1), traceparentNo(2)];
    expect(continuing([a, undefined, a])).to.deep.equal({ parent: a });
    expect(continuing([a, b])).to.deep.equal({ links: [a, b] });
    expect(continuing([undefined])).to.deep.equal({ links: [] });
    expect(asTraceparent(a)).to.equal(a);
    for (const none of [`${a}x`, `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, '', 7, undefined]) {
      expect(asTraceparent(none), String(none)).to.equal(undefined);
    }
  });

  it('keeps with facts which append recorded them, where that was within something traced', async () => {
    const { tracing, spans } = createRecorder();
    const appended: NewFact[] = [];
    const append: Log['append'] = async (_stream, _expected, facts) => {
      appended.push(...facts);
      return { position: 1n, revision: 0 };
    };
    const log = traceAppends({ append, read: async () => [] }, tracing);
    await log.append('tenant-demo', 'any', [newFact]);
    await tracing.within('request', {}, () => log.append('tenant-demo', 'any', [newFact]));
    expect(spans.map(({ name, parent }) => [name, parent])).to.deep.equal([
      ['request', undefined],
      ['append tenant', traceparentNo(1)],
    ]);
    expect(appended.map((fact) => fact.metadata.traceparent)).to.deep.equal([
      undefined,
      traceparentNo(2),
    ]);
    expect(newFact.metadata).not.to.have.property('traceparent');
  });

  it('stores it with the event, and reads events that have none', () => {
    const codec = createCodec(eventDefinitions);
    const storedOf = (fact: NewFact): Record<string, unknown> =>
      JSON.parse(Buffer.from(codec.encode(fact).metadata as Uint8Array).toString()) as Record<
        string,
        unknown
      >;
    expect(storedOf(newFact)).not.to.have.property('traceparent');
    const stored = storedOf(factOf(traced));
    expect(stored['traceparent']).to.equal(traced);
    const decode = (given: object) =>
      codec.decode(
        {
          ...{ id: newFact.id, type: newFact.type, data: newFact.data, metadata: given },
          ...{ streamId: 'tenant-demo', revision: 0n, created: new Date(0) },
        } as never,
        1n,
      ).metadata;
    expect(decode(stored)).to.include({ traceparent: traced });
    expect(decode(storedOf(newFact))).not.to.have.property('traceparent');
  });

  it('gives what a worker answers with the trace of the fact', () => {
    const contextOf = answering('reservations', () => 0);
    expect(contextOf(factOf(traced)).traceparent).to.equal(traced);
    expect(contextOf(factOf()).traceparent).to.equal(undefined);
  });
});

describe('policies and traces', () => {
  it('make messages that go on with the trace of the fact they are made of', () => {
    const total = { total: 100, currency: 'EUR', pointsEarned: 0, pointsRedeemed: 0 };
    const data = { purchaseId: 'p', merchantId: 1, pointOfSaleId: 1, paidByPoints: 0, ...total };
    const bought = (traceparent?: string): Fact => ({
      ...factOf(traceparent),
      ...{ type: 'PurchaseConfirmed', stream: 'account-demo.8018000010000000000001010' },
      data: { ...data, balance: { active: 0 } },
    });
    const from = { merchant: () => undefined, pointOfSale: () => undefined };
    const made = (fact: Fact) => {
      const occasion = occasionOf({ kind: 'purchase' }, fact, from as never);
      const content = {
        class: 'service',
        template: { templateId: 'news' },
        via: { channel: 'sms' },
      };
      const by = { template: { variables: [] }, timeZone: 'UTC', now: 0 };
      const policy = { policyId: 'receipts', content } as never;
      return occasion && requestOf(policy, occasion, by as never).traceparent;
    };
    expect(made(bought(traced))).to.equal(traced);
    expect(made(bought())).to.equal(undefined);
  });
});

describe('Kafka and traces', () => {
  const message = (traceparent?: string): KafkaMessage => ({
    ...{ key: null, value: Buffer.alloc(0), timestamp: 0, place: 0 },
    headers: traceparent === undefined ? {} : { traceparent },
  });
  const kafkaOf = (sent: string[], intakes: Intake[]): Kafka => ({
    ensureTopic: async () => undefined,
    sender: () => ({
      send: async (kafkaTopic) => void sent.push(kafkaTopic),
      close: async () => undefined,
    }),
    consume: async (intake) => void intakes.push(intake),
  });

  it('are in the headers of what is handed on', () => {
    expect(messageOfEvent(factOf(traced)).headers).to.include({ traceparent: traced });
    expect(messageOfEvent(factOf()).headers).not.to.have.property('traceparent');
  });

  it('go on in what is sent and in what is done with what was found', async () => {
    const { tracing, spans } = createRecorder();
    const sent: string[] = [];
    const intakes: Intake[] = [];
    const kafka = traceKafka(kafkaOf(sent, intakes), tracing);
    await kafka.sender().send('cars', [message(traced)]);
    let within: string | undefined;
    await kafka.consume({
      onBatch: async () => void (within = tracing.traceparent()),
    } as unknown as Intake);
    const found = [traceparentNo(8), traceparentNo(9)].map((one) => ({
      headers: { traceparent: Buffer.from(one) },
    }));
    await intakes[0]?.onBatch({ kafkaTopic: 'bikes', messages: found } as unknown as FoundBatch);
    expect(sent).to.deep.equal(['cars']);
    expect(spans.map(({ name, parent }) => [name, parent])).to.deep.equal([
      ['send cars', traced],
      ['process bikes', undefined],
    ]);
    expect(spans[1]?.options.links).to.deep.equal([traceparentNo(8), traceparentNo(9)]);
    expect(spans[1]?.options.isForeign).to.equal(true);
    expect(within).to.equal(spans[1]?.traceparent);
  });
});

describe('calls of others and traces', () => {
  it('hand the span on to an endpoint, and tell nothing of where it is', async () => {
    const { tracing, spans } = createRecorder();
    const calls: DialRequest[] = [];
    const dialler = traceDialler(
      {
        call: async (request) => {
          calls.push(request);
          const status = 503;
          return {
            ...({ kind: 'answered', status, headers: {}, truncated: false } as const),
            ...{ body: Buffer.alloc(0), milliseconds: 1 },
          };
        },
        close: async () => undefined,
      },
      tracing,
    );
    const url = 'https://bank.example/hooks/secret-path';
    const request = { url, headers: { a: 'b' }, body: Buffer.from('Ada'), deadlineMs: 1 };
    await dialler.call({ ...request, traceparents: [traced] });
    expect(spans[0]).to.deep.include({ name: 'deliver webhook', parent: traced });
    expect(calls[0]?.headers).to.deep.equal({ a: 'b', traceparent: spans[0]?.traceparent });
    expect(spans[0]?.attributes).to.include({ 'http.response.status_code': 503 });
    expect(JSON.stringify(spans)).not.to.match(/bank|secret-path|Ada/);
  });

  it('hand the span on to a provider for a message that is alone, and tell nothing of whom it is for', async () => {
    const { tracing, spans } = createRecorder();
    const sent: (string | undefined)[][] = [];
    const open: typeof openProvider = () => ({
      batchMax: 10,
      provider: {
        send: async (messages) => {
          sent.push(messages.map(({ traceparent }) => traceparent));
          return messages.map(() => ({ outcome: 'submitted' }) as const);
        },
        reconcile: async () => ({ outcome: 'unknown' }),
        close: async () => undefined,
      },
    });
    const record = { tenant: 'demo', providerId: 'sms_main', kind: 'smpp' };
    const { provider } = traceProviders(open, tracing)(record as never, {}, {} as never);
    const to = { kind: 'phone', phone: '+37126123456' };
    const of = (traceparent?: string) =>
      ({ to, class: 'otp', content: { text: 'Ada' }, traceparent }) as unknown as Outgoing;
    const { signal } = new AbortController();
    await provider.send([of(traced)], signal);
    await provider.send([of(traced), of(traceparentNo(8)), of()], signal);
    expect(sent).to.deep.equal([[spans[0]?.traceparent], [traced, traceparentNo(8), undefined]]);
    expect(spans.map(({ name, parent }) => [name, parent])).to.deep.equal([
      ['send smpp', traced],
      ['send smpp', undefined],
    ]);
    expect(JSON.stringify(spans)).not.to.match(/37126|Ada/);
  });
});

describe('settings of tracing', () => {
  const settingsOf = (otlpUrl: string) =>
    tracingSettings({ otlpUrl, otlpShare: 0.5, roles: ['pos', 'admin'] }, '1.0');

  it('are none where no collector is named', () => {
    expect(settingsOf('')).to.equal(null);
  });

  it('keep credentials out of the address', () => {
    expect(settingsOf('https://otel:hu%40sh@collector:4318')).to.deep.equal({
      url: 'https://collector:4318/v1/traces',
      headers: { authorization: `Basic ${Buffer.from('otel:hu@sh').toString('base64')}` },
      ...{ share: 0.5, version: '1.0', roles: 'pos,admin' },
    });
    expect(settingsOf('http://collector/otlp/v1/traces')?.url).to.equal(
      'http://collector/otlp/v1/traces',
    );
  });
});
