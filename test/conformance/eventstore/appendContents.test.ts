/** What an event may hold, what a stream may be called, and what comes back of both. */
import { randomUUID } from 'node:crypto';
import {
  binaryEvent,
  jsonEvent,
  type JSONType,
  NO_STREAM,
  type MetadataType,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { appendWays, counted, countedUpTo, eventsOf, newStream, useNode } from './node.js';

const jsonValues: Record<string, unknown> = {
  'an empty object': {},
  'an empty array': [],
  'an empty text': '',
  'the number zero': 0,
  false: false,
  'a deep structure': { a: [{ b: { c: [1, [2, [3]]] } }] },
  'letters of every script': { текст: '漢字 — ελληνικά — עברית — 🐟‍🔥', '\u0000': '\u2028"\\\n' },
  'the largest exact integer': { n: Number.MAX_SAFE_INTEGER, m: -Number.MAX_SAFE_INTEGER },
  'numbers beyond integers': { small: 5e-324, large: 1.7976931348623157e308, third: 1 / 3 },
};

const streamNames: Record<string, () => string> = {
  'letters of other scripts': () => `покупка-${randomUUID()}-漢字-🐟`,
  spaces: () => ` with spaces ${randomUUID()} `,
  'signs that URLs give a meaning': () => `a/b?c=d&e#f%20+${randomUUID()}`,
  'quotes and backslashes': () => `it's "quoted" \\ ${randomUUID()}`,
  'several dashes': () => `-a--b-${randomUUID()}-`,
  'an @, as in a link': () => `7@stream-${randomUUID()}`,
  '500 letters': () => randomUUID().padEnd(500, 'x'),
  'a single $ in front, as system streams have': () => `$conformance-${randomUUID()}`,
};

for (const [way, options] of Object.entries(appendWays)) {
  describe(`an event appended ${way}`, function () {
    this.timeout(120_000);
    const node = useNode();

    const stored = async (events: Parameters<typeof node.client.appendToStream>[1]) => {
      const stream = newStream();
      await node.client.appendToStream(stream, events, options);
      return eventsOf(node.client.readStream(stream));
    };

    for (const [what, data] of Object.entries(jsonValues)) {
      it(`may hold ${what} as JSON`, async () => {
        const [event] = await stored(jsonEvent({ type: 'Told', data: data as JSONType }));
        expect(event!.data).to.deep.equal(data);
        expect(event!.isJson).to.equal(true);
      });
    }

    it('may hold no bytes at all', async () => {
      const [event] = await stored(binaryEvent({ type: 'Scanned', data: Buffer.alloc(0) }));
      expect(event!.isJson).to.equal(false);
      expect(event!.data).to.have.length(0);
      expect(event!.metadata).to.equal(undefined);
    });

    it('may hold any bytes', async () => {
      const data = Uint8Array.from({ length: 256 }, (_nothing, n) => n);
      const [event] = await stored(binaryEvent({ type: 'Scanned', data }));
      expect(event!.data).to.deep.equal(data);
    });

    it('has metadata of JSON, of bytes, or none, whatever its data are', async () => {
      const json: MetadataType = { by: 'till', deep: { n: [1, 2] } };
      const bytes = Uint8Array.from([255, 0, 1]);
      const [one, two, three, four] = await stored([
        jsonEvent({ type: 'Told', data: {}, metadata: json }),
        jsonEvent({ type: 'Told', data: {}, metadata: bytes }),
        jsonEvent({ type: 'Told', data: {} }),
        binaryEvent({ type: 'Scanned', data: bytes, metadata: json }),
      ]);
      expect(one!.metadata).to.deep.equal(json);
      expect([...(two!.metadata as Uint8Array)]).to.deep.equal([255, 0, 1]);
      expect(three!.metadata).to.equal(undefined);
      expect(four!.metadata).to.deep.equal(json);
    });

    it('keeps its id and type', async () => {
      const types = ['A', 'Заказано', 'with spaces and /?#%', 'x'.repeat(400)];
      const events = types.map((type) => jsonEvent({ type, data: {} }));
      const read = await stored(events);
      expect(read.map(({ type }) => type)).to.deep.equal(types);
      expect(read.map(({ id }) => id)).to.deep.equal(events.map(({ id }) => id));
    });

    it('knows its stream, its revision and its place in the log', async () => {
      const stream = newStream();
      const { position } = await node.client.appendToStream(stream, countedUpTo(3), options);
      const events = await eventsOf(node.client.readStream(stream));
      expect(events.map(({ streamId }) => streamId)).to.deep.equal([stream, stream, stream]);
      expect(events.map(({ revision }) => revision)).to.deep.equal([0n, 1n, 2n]);
      const places = events.map((event) => event.position!);
      expect(places[0]!.commit < places[1]!.commit).to.equal(true);
      expect(places[1]!.commit < places[2]!.commit).to.equal(true);
      expect(places[2]).to.deep.equal(position);
    });

    it('knows when it was stored, to the millisecond', async () => {
      const before = Date.now();
      const [event] = await stored(counted(1));
      expect(event!.created).to.be.instanceOf(Date);
      expect(event!.created.getTime()).to.be.within(before - 5000, Date.now() + 5000);
    });

    it('may be one of a thousand', async () => {
      const stream = newStream();
      const { nextExpectedRevision } = await node.client.appendToStream(stream, countedUpTo(1000), {
        expectedRevision: NO_STREAM,
        ...options,
      });
      expect(nextExpectedRevision).to.equal(999n);
      const read = await eventsOf(node.client.readStream(stream));
      expect(read.map(({ data }) => (data as { n: number }).n)).to.deep.equal(
        Array.from({ length: 1000 }, (_nothing, n) => n),
      );
    });

    for (const [what, name] of Object.entries(streamNames)) {
      it(`may stand in a stream whose name has ${what}`, async () => {
        const stream = name();
        await node.client.appendToStream(stream, counted(1), options);
        const [event] = await eventsOf(node.client.readStream(stream));
        expect(event!.streamId).to.equal(stream);
        const again = await node.client.appendToStream(stream, counted(2), {
          expectedRevision: 0n,
          ...options,
        });
        expect(again.nextExpectedRevision).to.equal(1n);
      });
    }

    it('stands in the stream of exactly that name', async () => {
      const stream = newStream();
      const others = [stream.toUpperCase(), `${stream} `, ` ${stream}`, `${stream}-`];
      await node.client.appendToStream(stream, counted(1), options);
      for (const other of others) {
        const { nextExpectedRevision } = await node.client.appendToStream(other, counted(2), {
          expectedRevision: NO_STREAM,
          ...options,
        });
        expect(nextExpectedRevision).to.equal(0n);
      }
    });

    it('may be none: the expectation is judged all the same', async () => {
      const stream = newStream();
      await node.client.appendToStream(stream, countedUpTo(2), options);
      const result = await node.client.appendToStream(stream, [], {
        expectedRevision: 1n,
        ...options,
      });
      expect(result).to.include({ success: true, nextExpectedRevision: 1n });
      const [, last] = await eventsOf(node.client.readStream(stream));
      expect(last!.revision).to.equal(1n);
    });
  });
}
