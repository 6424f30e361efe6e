/** Bulk uploads over HTTP: answered line by line, and resumed where they broke off. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as begin } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import request from 'supertest';
import { asText, event, type Json, publisher, topic, v1 } from './publisher.js';

const ndjson = 'application/x-ndjson';

describe('publishing in bulk', () => {
  const house = publisher();
  const { send, admin, publish, propose, pulled } = house;
  const bulk = (lines: readonly unknown[], key: string, from?: number) =>
    request(house.app)
      .post(`${topic}/publications/bulk${from === undefined ? '' : `?from=${from}`}`)
      .set('authorization', `Bearer ${house.dealer}`)
      .set('idempotency-key', key)
      .set('content-type', ndjson)
      .buffer(true)
      .parse(asText)
      .send(
        lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
      );
  const answersOf = (reply: { body: unknown }): Json[] =>
    String(reply.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
  const linesOf = (reply: { body: unknown }): Json[] =>
    answersOf(reply).filter(({ line }) => line !== undefined);

  const file = (count: number): object[] =>
    Array.from({ length: count }, (_, i) => event(`e${i + 1}`));

  it('answers each line with its place or its faults, and the same when it is sent again', async () => {
    await propose(v1).expect(201);
    const lines: unknown[] = file(250);
    lines[9] = event('e10', { price: 5 });
    lines[10] = '{ "id": ';
    lines[11] = event('e12', { brand: 'x' }, { expirytime: 'soon' });
    lines[120] = '';
    const first = await bulk(lines, 'k1').expect(200);
    const told = linesOf(first);
    expect(told).to.have.length(249);
    expect(told[0]).to.deep.equal({ line: 1, id: 'e1', place: 0 });
    expect(told[9]).to.deep.include({
      line: 10,
      id: 'e10',
      faults: [{ pointer: '/data/brand', reason: 'is missing' }],
    });
    expect(told[10]).to.have.nested.property('faults[0].pointer', '');
    expect(told[11]).to.deep.include({
      line: 12,
      faults: [{ pointer: '/expirytime', reason: 'must be a date-time' }],
    });
    expect(answersOf(first).at(-1)).to.deep.equal({
      done: true,
      lines: 249,
      published: 246,
      refused: 3,
    });
    expect(answersOf(first).filter(({ resumeAt }) => resumeAt !== undefined)).to.deep.equal(
      [101, 201, 251].map((resumeAt) => ({ resumeAt })),
    );
    const again = linesOf(await bulk(lines, 'k1').expect(200));
    expect(again.map(({ line, place }) => [line, place])).to.deep.equal(
      told.map(({ line, place }) => [line, place]),
    );
    expect(again[0]).to.deep.equal({ line: 1, id: 'e1', place: 0, repeated: true });
    expect(await pulled()).to.have.length(246);
  });

  it('goes on where it broke off, without a second publication', async () => {
    const lines = file(230);
    await bulk(lines.slice(0, 200), 'k1').expect(200);
    const rest = await bulk(lines.slice(100), 'k1', 101).expect(200);
    const told = linesOf(rest);
    expect([told[0], told[100]]).to.deep.equal([
      { line: 101, id: 'e101', place: 100, repeated: true },
      { line: 201, id: 'e201', place: 200 },
    ]);
    expect((await pulled()).map(({ event: { id } }) => id)).to.deep.equal(
      lines.map((_, i) => `e${i + 1}`),
    );
  });

  it('is refused as a whole where the topic takes nothing, and ends where it stops to', async () => {
    await admin('post', '/topics/cars/archival', { reason: 'over' }).expect(200);
    const reply = await bulk(file(1), 'k1').expect(409);
    expect(JSON.parse(String(reply.body))).to.include({ code: 'topic-archived' });
  });

  /** Its headers are sent; nothing of its body. */
  const openUpload = async (key: string) => {
    const server = createServer(house.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const upload = begin({
      ...{ port, host: '127.0.0.1', method: 'POST', path: `${topic}/publications/bulk` },
      headers: {
        authorization: `Bearer ${house.dealer}`,
        ...{ 'content-type': ndjson, 'idempotency-key': key },
      },
    });
    upload.on('error', () => undefined);
    return { server, upload };
  };

  it('leaves whole batches where the sender goes away, and has said where to go on', async () => {
    const { server, upload } = await openUpload('k1');
    const lines = file(260);
    upload.write(
      `${lines
        .slice(0, 150)
        .map((line) => JSON.stringify(line))
        .join('\n')}\n`,
    );
    const [response] = (await once(upload, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk as string;
      if (text.includes('resumeAt')) break;
    }
    upload.destroy();
    await new Promise((resolve) => server.close(resolve));
    expect(text.trim().split('\n').at(-1)).to.equal('{"resumeAt":101}');
    expect(await pulled()).to.have.length(100);
    await bulk(lines.slice(100), 'k1', 101).expect(200);
    expect((await pulled()).map(({ place, event: { id } }) => [place, id])).to.deep.equal(
      lines.map((_, i) => [i, `e${i + 1}`]),
    );
  });

  /** An upload that is under way until `end` is called; resolves when its first batch is in. */
  const beginUpload = async (key: string) => {
    const { server, upload } = await openUpload(key);
    const lines = file(250).map((line) => `${JSON.stringify(line)}\n`);
    upload.write(lines.slice(0, 100).join(''));
    const [response] = (await once(upload, 'response')) as [IncomingMessage];
    await once(response, 'readable');
    const end = async (): Promise<string> => {
      upload.end(lines.slice(100).join(''));
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
      await new Promise((resolve) => server.close(resolve));
      return text;
    };
    const breakOff = async (): Promise<void> => {
      upload.destroy();
      await new Promise((resolve) => server.close(resolve));
    };
    return { end, breakOff };
  };

  it('leaves room for other partners, and gives its own back however an upload ends', async () => {
    const one = await beginUpload('k1');
    const other = await beginUpload('k2');
    const reply = await bulk(file(1), 'k3').expect(409);
    expect(JSON.parse(String(reply.body))).to.include({ code: 'job-running' });
    await one.breakOff();
    await other.end();
    for (let n = 0; n < 5; n += 1) await bulk(file(1), `k4-${n}`).expect(200);
  });

  it('ends with the batch that is under way when who sends it may not publish any more', async () => {
    const upload = await beginUpload('k1');
    await admin('post', '/partners/dealer/revocation', { reason: 'over' }).expect(200);
    const text = await upload.end();
    expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).to.deep.include({
      ...{ done: false, published: 100, resumeAt: 101 },
    });
    expect(await pulled()).to.have.length(100);
  });

  it('ends at a line that is too long, and says so and where to go on while more is sent', async () => {
    const lines = [...file(150), 'x'.repeat(70_000), ...file(20_000)];
    const reply = await bulk(lines, 'k1').expect(200);
    expect(answersOf(reply).at(-1)).to.deep.include({
      ...{ done: false, resumeAt: 101, code: 'body-too-large', published: 100 },
    });
  });

  it('waits for the limits of the topic, as long as an upload may take', async () => {
    await admin('put', '/topics/cars/limits', { eventsPerSecond: 1_000, eventBytesMax: null });
    await publish(event('a')).expect(201);
    await admin('put', '/topics/cars/limits', { eventsPerSecond: 1, eventBytesMax: null });
    const reply = await bulk(file(250), 'k1').expect(200);
    expect(answersOf(reply).at(-1)).to.deep.include({
      ...{ done: false, published: 100, code: 'rate-limited', resumeAt: 101 },
    });
  });

  it('leaves out those whose person was erased, and publishes the others', async () => {
    const personal = { personalsubject: 'c-1', personaldata: '/name' };
    await send('post', '/exchange/v1/subjects/erasure', {
      subject: 'c-1',
      reason: 'asked',
    }).expect(200);
    const lines = [event('a'), event('b', { name: 'Ada' }, personal), event('c')];
    const told = linesOf(await bulk(lines, 'k1').expect(200));
    expect(told.map(({ line, place, code }) => [line, place ?? code])).to.deep.equal([
      [1, 0],
      [2, 'subject-erased'],
      [3, 1],
    ]);
  });
});
