/** What `kopilka listen` hears over connections that break, leave something out, say nothing or end for good. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { connectHttp, Problem } from '../../../cli/http/http.js';
import { type Heard, hear, type Listening } from '../../../cli/listen/heard.js';

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

const item = (place: number, type = 'car.chosen') => ({
  place,
  publishedAt: '2026-03-01T12:00:00.000Z',
  event: { specversion: '1.0', id: `e${place}`, source: '/s', type },
});
const frame = (place: number) => `id: ${place}\ndata: ${JSON.stringify(item(place))}\n\n`;
const begin = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 5\n\n');
const json = (response: ServerResponse, body: object, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const told = (heard: Heard): string => {
  if (heard.kind === 'item') return String(heard.item.place);
  return heard.kind === 'note' ? 'note' : `${heard.first}-${heard.last} ${heard.reason}`;
};

describe('what is heard of a topic', () => {
  let server: Server;
  let streams: Answer = () => undefined;
  let pulls: Answer = (_request, response) => json(response, { items: [], next: null });
  let leaving: AbortController;
  let http: ReturnType<typeof connectHttp>;

  beforeEach(async () => {
    leaving = new AbortController();
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      const answer = url.pathname.endsWith('/stream') ? streams : pulls;
      answer(request, response, url);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    http = connectHttp(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => {
    leaving.abort();
    http.close();
    server.closeAllConnections();
    server.close();
  });

  const collect = async (count: number, more: Partial<Listening> = {}): Promise<string[]> => {
    const heard: string[] = [];
    const listening: Listening = {
      ...{ http, token: 'kpp.x', topicId: 'cars', after: null, filter: null, by: 'best' },
      signal: leaving.signal,
      times: { silenceMs: 60, waitSeconds: 0, backOffMs: 1, triesMax: 2 },
      ...more,
    };
    for await (const one of hear(listening)) {
      if (one.kind !== 'note') heard.push(told(one));
      if (heard.length >= count) break;
    }
    return heard;
  };

  it('goes on from the last place after a connection that broke in the middle of an event', async () => {
    const known: unknown[] = [];
    streams = (request, response) => {
      known.push(request.headers['last-event-id']);
      begin(response);
      if (known.length > 1) return void response.write(frame(2));
      response.write(`${frame(0)}${frame(1)}${frame(2).slice(0, 20)}`, () => response.destroy());
    };
    expect(await collect(3)).to.deep.equal(['0', '1', '2']);
    expect(known).to.deep.equal([undefined, '1']);
  });

  it('pulls what a stream left out, and takes nothing twice', async () => {
    streams = (_request, response) => {
      begin(response);
      response.write(`${frame(0)}${frame(3)}${frame(3)}${frame(4)}`);
    };
    pulls = (_request, response, { searchParams }) => {
      expect([searchParams.get('after'), searchParams.get('limit')]).to.deep.equal(['0', '2']);
      // The second of the two is hidden.
      json(response, { items: [item(1)], next: 2 });
    };
    expect(await collect(5)).to.deep.equal(['0', '1', '2-2 hidden or expired', '3', '4']);
  });

  it('tells of the places that the stream says are passed over', async () => {
    streams = (_request, response) => {
      begin(response);
      const passed = JSON.stringify({ first: 0, last: 6, reason: 'filtered' });
      response.write(`id: 6\nevent: passed\ndata: ${passed}\n\n${frame(7)}`);
    };
    expect(await collect(2)).to.deep.equal(['0-6 filtered', '7']);
  });

  it('pulls where a gateway lets no stream through', async () => {
    let tries = 0;
    // The headers come, and nothing else.
    streams = (_request, response) => {
      tries += 1;
      begin(response);
    };
    pulls = (_request, response, { searchParams }) => {
      const next = Number(searchParams.get('after') ?? -1) + 1;
      json(response, { items: [item(next, next === 1 ? 'other' : 'car.chosen')], next });
    };
    const filter = { exact: { type: 'car.chosen' } };
    expect(await collect(3, { filter })).to.deep.equal(['0', '1-1 filtered', '2']);
    expect(tries).to.equal(2);
  });

  it('finds the end of a topic by pulling', async () => {
    let end = 41;
    let asked = 0;
    pulls = (_request, response, { searchParams }) => {
      asked += 1;
      const after = searchParams.get('after');
      const next = Number(after ?? -1) + 1;
      if (asked > 20) end = 42;
      const known = after === null ? null : Number(after);
      json(response, next <= end ? { items: [item(next)], next } : { items: [], next: known });
    };
    expect(await collect(1, { by: 'pull', after: 'now' })).to.deep.equal(['42']);
  });

  it('ends where coming back does not help, and comes back where it does', async () => {
    let times = 0;
    streams = (_request, response) => {
      times += 1;
      begin(response);
      const end = {
        reason: times < 3 ? 'stopping' : 'access-revoked',
        detail: '',
        again: times < 3,
      };
      response.end(`${frame(times - 1)}event: end\ndata: ${JSON.stringify(end)}\n\n`);
    };
    const error = await collect(9).catch((problem: unknown) => problem);
    expect(error).to.be.instanceOf(Problem).and.to.include({ code: 'access-revoked' });
    expect(times).to.equal(3);
  });

  it('says why it is refused', async () => {
    streams = (_request, response) =>
      json(response, { code: 'topic-not-found', title: 'There is no such topic', detail: '' }, 404);
    const error = await collect(1).catch((problem: unknown) => problem);
    expect(error).to.include({ code: 'topic-not-found', status: 404 });
  });
});
