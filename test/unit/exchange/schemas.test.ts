/** Schemas of topics over HTTP: what they take, how they change, and who may change them. */
import { expect } from 'chai';
import { event, type Json, publisher, topic, v1 } from './publisher.js';

describe('publishing by a schema', () => {
  const house = publisher();
  const { send, admin, publish, propose, pulled } = house;

  it('takes what meets it, and tells every fault of what does not by its pointer', async () => {
    const { body } = await propose(v1).expect(201);
    expect(body).to.deep.include({ state: 'accepted', version: 1 });
    await publish(event('a')).expect(201);
    const wrong = [event('b'), event('c', { brand: '', price: -1 }), event('d', { price: 'x' })];
    const refused = await publish(wrong, 'application/cloudevents-batch+json').expect(422);
    expect(refused.body).to.include({ code: 'schema-not-met', schemaVersion: 1 });
    const { faults } = refused.body as { faults: { pointer: string }[] };
    expect(faults.map(({ pointer }) => pointer)).to.have.members([
      '/1/data/brand',
      '/1/data/price',
      '/2/data/brand',
      '/2/data/price',
    ]);
    const bytes = { ...event('e'), data: undefined, data_base64: 'AA==' };
    await publish(bytes).expect(422);
    const items = await pulled();
    expect(items.map(({ event: { id } }) => id)).to.deep.equal(['a']);
    expect(items[0]?.handling).to.deep.include({ schemaVersion: 1, classification: 'open' });
  });

  it('accepts the next version only where it takes what the ones in use take, unless nothing is promised', async () => {
    await propose(v1).expect(201);
    const stricter = { ...v1, required: ['brand', 'price'] };
    const { body } = await propose(stricter).expect(200);
    expect(body).to.deep.include({
      state: 'refused',
      code: 'schema-incompatible',
      version: null,
    });
    expect((body as { faults: Json[] }).faults).to.deep.equal([
      {
        version: 1,
        in: 'proposed',
        pointer: '/required/1',
        reason: 'asks for price, which could be left out',
      },
    ]);
    await propose(stricter, { compatibility: 'forward' }).expect(201);
    const { body: listed } = await send('get', `${topic}/schemas`, undefined, house.bank).expect(
      200,
    );
    expect(
      (listed as { items: Json[] }).items.map(({ version, status }) => [version, status]),
    ).to.deep.equal([
      [1, 'active'],
      [2, 'active'],
    ]);
    await publish(event('a')).expect(422);
    const { body: shown } = await send('get', `${topic}/schemas/1`).expect(200);
    const { dataschema } = shown as { dataschema: string; schema: Json };
    expect((shown as { schema: Json }).schema).to.deep.equal(v1);
    await publish(event('a', { brand: 'Lada' }, { dataschema })).expect(201);
    await send('post', `${topic}/schemas/1/retirement`, { reason: 'old' }).expect(200);
    const late = await publish(event('b', { brand: 'Lada' }, { dataschema })).expect(409);
    expect(late.body).to.include({ code: 'schema-retired' });
    await send('post', `${topic}/schemas/2/retirement`, { reason: 'old' }).expect(200);
    await publish(event('b', 5)).expect(201);
  });

  it('is tried against what was published, and names the places that fail', async () => {
    for (const [id, data] of [
      ['a', { brand: 'Lada' }],
      ['b', { price: 5 }],
      ['c', { brand: 7 }],
    ] as const) {
      await publish(event(id, data)).expect(201);
    }
    const preview = await propose(v1, { preview: true, compatibility: 'none' }).expect(200);
    expect(preview.body).to.deep.include({
      state: 'fits',
      tried: { from: 0, to: 2, checked: 3, failed: 2, passed: 0 },
    });
    const { body } = await propose(v1).expect(200);
    expect(body).to.deep.include({ state: 'refused', done: 3, total: 3 });
    const { failures } = body as {
      failures: { place: number; id: string; faults: { pointer: string }[] }[];
    };
    expect(failures.map(({ place, id, faults }) => [place, id, faults[0]?.pointer])).to.deep.equal([
      [1, 'b', '/brand'],
      [2, 'c', '/brand'],
    ]);
    const { body: shorter } = await propose(v1, { history: 0 }).expect(201);
    expect(shorter).to.deep.include({
      state: 'accepted',
      tried: { from: null, to: null, checked: 0, failed: 0, passed: 0 },
    });
    const { body: all } = await propose(
      { ...v1, required: [] },
      { history: 'all', compatibility: 'none' },
    ).expect(201);
    expect((all as { tried: Json }).tried).to.deep.include({ checked: 3, failed: 1 });
    const { body: trials } = await send('get', `${topic}/schema-trials`).expect(200);
    const { items } = trials as { items: { trialId: string }[] };
    expect(items).to.have.length(4);
    await send('get', `${topic}/schema-trials/${items[0]?.trialId}`).expect(200);
    await send('get', `${topic}/schema-trials/none`).expect(404);
  });

  it('is the business of its owner and of operators', async () => {
    const byReader = await send(
      'post',
      `${topic}/schemas`,
      { schema: v1, compatibility: 'none' },
      house.bank,
    ).expect(403);
    expect(byReader.body).to.include({ code: 'not-topic-owner' });
    await admin('post', '/topics/cars/schemas', { schema: v1, compatibility: 'none' }).expect(201);
    await admin('get', '/topics/cars/schemas/1').expect(200);
    await admin('get', '/topics/cars/schemas/2').expect(404);
  });

  it('is not taken where it could burn the processor or leads outside', async () => {
    const deep = {
      $defs: { a: { properties: { x: { $ref: '#/$defs/a' }, y: { $ref: '#/$defs/b' } } }, b: {} },
    };
    await propose({ ...deep, $ref: '#/$defs/a' }, { preview: true }).expect(200);
    const twice = {
      anyOf: [{ properties: { a: { $ref: '#' } } }, { properties: { a: { $ref: '#' } } }],
    };
    const wrong: readonly (readonly [object, string])[] = [
      [{ $ref: 'https://example.com/schema.json' }, '/schema/$ref'],
      [{ $ref: '#/$defs/none' }, '/schema/$ref'],
      [{ allOf: [{ $ref: '#' }] }, '/schema'],
      [twice, '/schema'],
      [{ type: 'text' }, '/schema/type'],
      [{ pattern: '(a)\\1' }, '/schema/pattern'],
      [{ format: 'regex' }, '/schema/format'],
      [{ minimun: 5 }, '/schema/minimun'],
      [{ $schema: 'http://json-schema.org/draft-07/schema#' }, '/schema/$schema'],
      [{ enum: Array.from({ length: 9_000 }, (_, i) => i) }, '/schema'],
      [{ allOf: Array.from({ length: 300 }, () => ({ minimum: 1 })) }, '/schema'],
    ];
    for (const [schema, pointer] of wrong) {
      const reply = await propose(schema, { preview: true });
      expect(reply.status, `${pointer}: ${reply.text}`).to.equal(400);
      const { faults } = reply.body as { faults: { pointer: string }[] };
      expect(faults[0]?.pointer.startsWith(pointer), reply.text).to.equal(true);
    }
  });

  it('may be asked beforehand', async () => {
    await propose(v1).expect(201);
    const ask = (body: object, type: string) =>
      send('post', `${topic}/publications/preview`, undefined)
        .set('content-type', type)
        .send(JSON.stringify(body));
    const { body } = await ask(
      [event('a'), event('b', { price: 'x' })],
      'application/cloudevents-batch+json',
    ).expect(200);
    const { items } = body as {
      items: { accepted: boolean; schemaVersion: number; faults: Json[] }[];
    };
    expect(items.map(({ accepted, schemaVersion }) => [accepted, schemaVersion])).to.deep.equal([
      [true, 1],
      [false, 1],
    ]);
    expect(items[1]?.faults).to.have.length(2);
    expect(await pulled()).to.deep.equal([]);
  });
});
