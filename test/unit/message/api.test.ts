/** Messages over HTTP: what a requester is answered, and as the guide says. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import request from 'supertest';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { messageBulkRoutes } from '../../../api/outreach/bulk.js';
import { messageReadingRoutes } from '../../../api/outreach/messageReading.js';
import { messageRoutes } from '../../../api/outreach/messages.js';
import { createMessageOrders } from '../../../commands/message/order.js';
import type { Outcomes } from '../../../commands/message/outcomes.js';
import { openAccepting } from '../../../platform/compose/accepting.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createMetrics, type Metrics } from '../../../platform/metrics.js';
import { now } from '../api/testApi.js';
import { openTestShop, type TestShop } from '../api/testShop.js';
import { ofMerchant } from '../outreach/content/boundOperator.js';
import { stepsOf } from '../exchange/guide.js';
import { folded } from './desk.js';

type Json = Record<string, unknown>;
const path = '/outreach/v1/messages';

/** What came, whatever it is. */
const asText = (
  response: request.Response,
  done: (error: Error | null, body: unknown) => void,
): void => {
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  response.on('end', () => done(null, text));
};

const sms = {
  class: 'transactional',
  recipient: { phone: '+371 2612 3456' },
  channel: 'sms',
  text: { text: 'Your parcel is here.' },
};

describe('messages over HTTP', () => {
  let shop: TestShop;
  let bank = '';
  let store = '';
  let metrics: Metrics;
  const gone = new AbortController();

  const join = async (partnerId: string, roles: readonly string[]): Promise<string> => {
    const asOwner = (to: string, body: object) =>
      request(shop.app)
        .post(to)
        .set({ authorization: `Bearer ${shop.owner}`, 'idempotency-key': randomUUID() })
        .send(body);
    await asOwner('/admin/v1/partners', { partnerId, name: partnerId }).expect(201);
    const made = { label: 'x', roles };
    const { body } = await asOwner(`/admin/v1/partners/${partnerId}/credentials`, made).expect(201);
    return (body as { token: string }).token;
  };
  const send = (to: string, body: object | string, key: string = randomUUID(), token = bank) =>
    request(shop.app)
      .post(to)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', key)
      .set('content-type', typeof body === 'string' ? 'application/x-ndjson' : 'application/json')
      .send(body);
  const look = (to: string, token = bank) =>
    request(shop.app).get(to).set('authorization', `Bearer ${token}`);

  beforeEach(async () => {
    metrics = createMetrics();
    shop = await openTestShop({
      withRoutes: (handler, log) => {
        const personalKeys = createMemoryPersonalKeys();
        const accepting = openAccepting({ log, handler, personalKeys, metrics });
        const outcomes: Outcomes = {
          message: async (_tenant, messageId) => folded(shop.log.facts, messageId),
        };
        return [
          ...partnerRoutes({ handler }),
          ...messageRoutes({ ...accepting, orders: createMessageOrders({ log, outcomes }) }),
          ...messageReadingRoutes({ log, outcomes, keys: personalKeys }),
          ...messageBulkRoutes({
            ...accepting,
            ...{ stopping: gone.signal, now: () => now, uploadMs: 10_000 },
          }),
        ];
      },
    });
    bank = await join('bank', ['messenger']);
    store = await join('store', ['messenger']);
  });
  afterEach(() => shop.close());

  it('takes one, and answers a repeat with the same message', async () => {
    const { body: first } = await send(path, sms, 'one').expect(201);
    expect(first).to.include({ status: 'accepted', repeated: false });
    const { body: again } = await send(path, sms, 'one').expect(200);
    expect(again).to.deep.include({ ...(first as Json), repeated: true });
    const { body } = await send(path, { ...sms, class: 'otp' }, 'one').expect(409);
    expect(body).to.include({ code: 'idempotency-key-reused' });
  });

  it('tells every fault of one by its pointer', async () => {
    const { body } = await send(path, { ...sms, channel: 'fax', clas: 'x' }).expect(400);
    expect((body as { faults: Json[] }).faults.map(({ pointer }) => pointer)).to.include('/clas');
    const { body: contact } = await send(path, { ...sms, recipient: { phone: '12' } }).expect(422);
    expect(contact).to.include({ code: 'invalid-contact' });
  });

  it('answers a batch one by one, with keys of their own or made of the header', async () => {
    const messages = [sms, { ...sms, channel: 'fax' }, { ...sms, idempotencyKey: 'own' }];
    const { body } = await send(path, { messages }, 'batch').expect(200);
    expect(body).to.deep.include({ accepted: 2, refused: 1 });
    const { items } = body as { items: Json[] };
    expect(items.map(({ status }) => status)).to.deep.equal(['accepted', 'refused', 'accepted']);
    expect(items[1]).to.include({ code: 'invalid-input' });
    const { body: own } = await send(path, sms, 'own').expect(200);
    expect(own).to.include({ messageId: items[2]?.['messageId'] });
    const { body: again } = await send(path, { messages }, 'batch').expect(200);
    expect((again as { items: Json[] }).items[0]).to.include({ repeated: true });
  });

  it('refuses what is no batch, and more than one may hold', async () => {
    const { body } = await send(path, { messages: [], class: 'otp' }).expect(400);
    expect((body as { faults: Json[] }).faults[0]).to.include({ pointer: '/class' });
    const many = Array.from({ length: 1_001 }, () => ({}));
    await send(path, { messages: many }).expect(400);
  });

  it('takes a batch that is larger than other bodies may be', async () => {
    const text = 'x'.repeat(1_200);
    const messages = Array.from({ length: 1_000 }, () => ({ ...sms, text: { text } }));
    const { body } = await send(path, { messages }).expect(200);
    expect(body).to.include({ accepted: 1_000 });
  });

  it('takes a file, tells each line, and goes on where it broke off', async () => {
    const lines = Array.from({ length: 501 }, (_, i) =>
      JSON.stringify({ ...sms, reference: `${i}` }),
    );
    lines[3] = '{"class":';
    lines[4] = '';
    const upload = (text: string, from = 1) =>
      send(`${path}/bulk?from=${from}`, text, 'file').buffer(true).parse(asText);
    const told = (reply: request.Response): Json[] =>
      String(reply.body)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Json);
    const all = told(await upload(lines.join('\n')));
    expect(all.at(-1)).to.deep.equal({ done: true, lines: 500, accepted: 499, refused: 1 });
    expect(all[3]).to.deep.include({ line: 4, status: 'refused', code: 'invalid-input' });
    expect(all.map(({ resumeAt }) => resumeAt).filter(Boolean)).to.deep.equal([501, 502]);
    const rest = told(await upload(lines.slice(500).join('\n'), 501));
    expect(rest[0]).to.include({ line: 501, repeated: true });
  });

  it('shows a partner its own messages alone, and not who carries them', async () => {
    const { body } = await send(path, sms).expect(201);
    const { messageId } = body as { messageId: string };
    const { body: state } = await look(`${path}/${messageId}`).expect(200);
    expect(state).to.deep.include({ messageId, status: 'accepted', attempts: [] });
    await look(`${path}/${messageId}`, store).expect(404);
    await look(`${path}/${messageId}/content`, store).expect(404);
    await send(`${path}/${messageId}/cancel`, {}, 'c', store).expect(404);
    await look(`${path}/${messageId}`, shop.owner).expect(200);
    await look(`${path}/${'0'.repeat(32)}`).expect(404);
  });

  it('is for messengers, and for owners and managers of the programme', async () => {
    const reader = await join('reader', ['publisher', 'subscriber', 'reader']);
    await send(path, sms, 'x', reader).expect(403);
    await send(path, sms, 'x', shop.tokens.till).expect(403);
    await send(path, sms, 'x', shop.owner).expect(201);
  });

  it('is not for whoever manages one merchant', async () => {
    const bound = await ofMerchant(shop, 'bound');
    const { body } = await send(path, sms, 'one').expect(201);
    const { messageId } = body as { messageId: string };
    const orders: readonly [string, object | string][] = [
      [path, sms],
      [path, { messages: [sms] }],
      [`${path}/bulk`, JSON.stringify(sms)],
      [`${path}/${messageId}/cancel`, {}],
      [`${path}/${messageId}/reschedule`, { notBefore: '2026-03-03T08:00:00Z' }],
    ];
    for (const [to, order] of orders) await send(to, order, randomUUID(), bound).expect(403);
    for (const to of [messageId, `${messageId}/content`]) {
      await look(`${path}/${to}`, bound).expect(403);
    }
    const told = shop.log.facts.filter(({ type }) => type === 'MessageAccepted');
    expect(told).to.have.length(1);
    await look(`${path}/${messageId}`).expect(200);
  });

  it('is counted by source and result', async () => {
    await send(path, { messages: [sms, sms, { ...sms, channel: 'fax' }] }, 'b').expect(200);
    const text = await metrics.render();
    expect(text).to.match(/outreach_requests_total\{source="rest",result="accepted"\} 2/);
    expect(text).to.match(/outreach_requests_total\{source="rest",result="refused"\} 1/);
  });

  it('is as the guide says', async () => {
    let messageId = '';
    const steps = stepsOf('messages.md');
    for (const { method, path: written, headers, body, answers } of steps) {
      const to = written.replace('{messageId}', messageId);
      const call = request(shop.app)
        [method](to)
        .set('authorization', `Bearer ${bank}`)
        .set('content-type', 'application/json')
        .set(headers)
        .buffer(true)
        .parse(asText);
      if (body === '') call.unset('content-type');
      const reply = await (body === '' ? call : call.send(body));
      const text = String(reply.body);
      expect(reply.status, `${method} ${to}: ${text}`).to.be.below(300);
      const told = answers.length > 1 ? text.trim().split('\n') : [text];
      const said = told.map((one) => JSON.parse(one) as Json);
      expect(said).to.containSubset(answers);
      expect(said).to.have.length(answers.length);
      if (messageId === '') messageId = String(said[0]?.['messageId']);
    }
    expect(steps).to.have.length(7);
  });
});
