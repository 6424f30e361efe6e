/** How long a publication is shown, who it is about, and how much of it there may be. */
import { expect } from 'chai';
import { setPartnerLimits } from '../../../commands/partner/setLimits.js';
import { PublishedTooFast } from '../../../commands/publication/rates.js';
import { setTopicHandling } from '../../../commands/topic/setHandling.js';
import { setTopicLimits } from '../../../commands/topic/setLimits.js';
import { InvalidInput } from '../../../commands/validation.js';
import { cloudEventOf, type Published } from '../../../domain/publication/publication.js';
import { Rejected } from '../../../domain/rejected.js';
import type { TopicHandling } from '../../../domain/topic/rules.js';
import { bank, cars, dealer, type Dealership, openDealership } from './dealership.js';

const failure = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
};
const codeOf = (error: unknown): string => {
  if (error instanceof Rejected) return error.code;
  throw error;
};
const pointersOf = (error: unknown): string[] => {
  if (error instanceof InvalidInput) return error.faults.map(({ pointer }) => pointer);
  throw error;
};

describe('publications are handled', () => {
  let shop: Dealership;
  beforeEach(async () => void (shop = await openDealership()));
  afterEach(() => shop.close());

  const handle = (handling: Partial<TopicHandling>) => {
    const input = { topicId: cars, timeToLiveSeconds: null, personal: null, ...handling };
    return shop.handler.handle(setTopicHandling, input, shop.context());
  };
  const published = (): Published[] =>
    shop.log.facts
      .filter(({ type }) => type === 'EventPublished')
      .map(({ data }) => data as Published);
  const places = async () => (await shop.pull()).items.map(({ place }) => place);

  it('with one append and no read where a topic asks for nothing', async () => {
    const { log } = shop;
    const read = log.read;
    log.read = () => Promise.reject(new Error('the log was read'));
    const appends: number[] = [];
    const append = log.append;
    log.append = (stream, expected, facts) => {
      appends.push(facts.length);
      return append(stream, expected, facts);
    };
    await shop.publish([shop.publication('a'), shop.publication('b')]);
    expect(appends).to.deep.equal([2]);
    Object.assign(log, { read, append });
  });

  it('for as long as they or their topic say, and then passed with their places', async () => {
    await shop.publish(
      shop.publication('a', { extensions: { expirytime: '2026-03-01T12:00:30+00:00' } }),
    );
    await handle({ timeToLiveSeconds: 60 });
    await shop.publish([
      shop.publication('b'),
      shop.publication('c', { extensions: { expirytime: '2026-03-02T00:00:00Z' } }),
    ]);
    expect(await places()).to.deep.equal([0, 1, 2]);
    shop.clock.now += 30_000;
    expect(await places()).to.deep.equal([1, 2]);
    shop.clock.now += 30_000;
    expect(await places()).to.deep.equal([2]);
    shop.clock.now += 86_400_000;
    expect(await shop.pull()).to.deep.equal({ items: [], next: 2 });
    await handle({ timeToLiveSeconds: null });
    await shop.publish(shop.publication('d'));
    shop.clock.now += 10 * 366 * 86_400_000;
    expect(await places()).to.deep.equal([3]);
  });

  it('as carefully as they or their topic say', async () => {
    await shop.publish([
      shop.publication('a'),
      shop.publication('b', { extensions: { dataclassification: 'personal' } }),
    ]);
    expect(published().map(({ classification }) => classification)).to.deep.equal([
      'confidential',
      'personal',
    ]);
  });

  it('not at all where an attribute says nothing that is known', async () => {
    const wrong = [
      [{ expirytime: 'tomorrow' }, '/publications/0/extensions/expirytime'],
      [{ dataclassification: 'secret' }, '/publications/0/extensions/dataclassification'],
      [{ personalsubject: 'customer:1' }, '/publications/0/extensions/personaldata'],
      [{ personaldata: '/name' }, '/publications/0/extensions/personalsubject'],
      [{ personalsubject: 'c', personaldata: 'name' }, '/publications/0/extensions/personaldata'],
      [{ personalerased: true }, '/publications/0/extensions/personalerased'],
    ] as const;
    for (const [extensions, pointer] of wrong) {
      const error = await failure(shop.publish(shop.publication('a', { extensions })));
      expect(pointersOf(error)).to.deep.equal([pointer]);
    }
    expect(published()).to.deep.equal([]);
  });

  it('not at all where the data are nested without end, whichever way they came', async () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    await shop.publish(shop.publication('a', { data: nested(32) }));
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i += 1) deep = [deep];
    const error = await failure(shop.publish(shop.publication('b', { data: deep })));
    expect(pointersOf(error)).to.deep.equal(['/publications/0/data']);
  });

  describe('when parts are personal', () => {
    const ada = {
      customer: { id: 'c-17', name: 'Ada Lovelace', phones: ['+44 1', '+44 2'] },
      brand: 'Lada',
    };
    const marked = {
      personalsubject: 'c-17',
      personaldata: '/customer/name /customer/phones/1',
      region: 'north',
    };
    const sent = () => shop.publication('a', { data: ada, extensions: marked });
    const erase = () =>
      shop.erase({ partnerId: dealer, subject: 'c-17', reason: 'asked' }, shop.context());

    it('are sealed in the log and shown as they were sent', async () => {
      await shop.publish(sent());
      const recorded = JSON.stringify(shop.log.facts, (_name, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      for (const word of ['Lovelace', '+44 2', 'personalsubject'])
        expect(recorded).to.not.contain(word);
      const [item] = (await shop.pull()).items;
      expect(item?.publication).to.deep.equal(sent());
    });

    it('become nulls with a mark once the person is erased, at the same place and unchanged in the log', async () => {
      await shop.publish([sent(), shop.publication('b')]);
      const before = JSON.stringify(published());
      await erase();
      const { items } = await shop.pull();
      expect(items.map(({ place }) => place)).to.deep.equal([0, 1]);
      const shown = items[0]?.publication;
      expect(shown?.data).to.deep.equal({
        customer: { id: 'c-17', name: null, phones: ['+44 1', null] },
        brand: 'Lada',
      });
      expect(cloudEventOf(shown!)).to.deep.include({
        personalerased: true,
        personaldata: marked.personaldata,
        region: 'north',
      });
      expect(shown?.extensions).to.not.have.property('personalsubject');
      expect(JSON.stringify(published())).to.equal(before);
      const erasures = shop.log.facts.filter(({ type }) => type === 'PublishedSubjectErased');
      expect(erasures).to.have.length(1);
      expect(JSON.stringify(erasures[0]?.data)).to.not.contain('c-17');
    });

    it('hold up nothing that follows where their key was lost', async () => {
      await shop.publish([sent(), shop.publication('b')]);
      const find = shop.keys.find;
      shop.keys.find = () => Promise.resolve(Buffer.alloc(32, 7));
      const { items } = await shop.pull();
      shop.keys.find = find;
      expect(items.map(({ place }) => place)).to.deep.equal([0, 1]);
      expect(items[0]?.publication.extensions).to.include({ personalerased: true });
    });

    it('take no more data of a person who was erased, and erase once', async () => {
      await shop.publish(sent());
      await erase();
      expect((await erase()).repeated).to.equal(true);
      const again = failure(shop.publish(shop.publication('c', { data: ada, extensions: marked })));
      expect(codeOf(await again)).to.equal('subject-erased');
    });

    it('belong to the person of one partner: the same name of another is another person', async () => {
      await shop.publish(sent());
      await shop.erase({ partnerId: bank, subject: 'c-17', reason: 'asked' }, shop.context());
      expect((await shop.pull()).items[0]?.publication.data).to.deep.equal(ada);
    });

    it('are found by the rules of the topic', async () => {
      await handle({
        personal: { subject: '/customer/id', pointers: ['/customer/name', '/customer/id'] },
      });
      await shop.publish([shop.publication('a', { data: ada }), shop.publication('b')]);
      expect(published().map(({ personal }) => personal !== undefined)).to.deep.equal([
        true,
        false,
      ]);
      expect(JSON.stringify(published())).to.not.contain('Lovelace').and.not.contain('c-17');
      expect((await shop.pull()).items[0]?.publication.data).to.deep.equal(ada);
      const nameless = { customer: { name: 'Bob' } };
      const error = await failure(shop.publish(shop.publication('c', { data: nameless })));
      expect(pointersOf(error)).to.deep.equal(['/publications/0/data/customer/id']);
      const binary = { id: 'd', source: '/s', type: 't', dataBase64: 'AA==' };
      expect(pointersOf(await failure(shop.publish(binary)))).to.deep.equal([
        '/publications/0/dataBase64',
      ]);
    });

    it('are taken once under one key, and other data under it are refused', async () => {
      const first = await shop.publish(sent(), { idempotencyKey: 'k' });
      const again = await shop.publish(sent(), { idempotencyKey: 'k' });
      expect(again).to.deep.equal({ ...first, repeated: true });
      const other = { ...sent(), data: { ...ada, customer: { ...ada.customer, name: 'Eve' } } };
      const error = await failure(shop.publish(other, { idempotencyKey: 'k' }));
      expect(codeOf(error)).to.equal('idempotency-key-reused');
    });
  });

  describe('within limits', () => {
    const limit = (limits: { eventsPerSecond?: number; eventBytesMax?: number }) => {
      const input = { topicId: cars, eventsPerSecond: null, eventBytesMax: null, ...limits };
      return shop.handler.handle(setTopicLimits, input, shop.context());
    };
    const many = (count: number, name: string) =>
      Array.from({ length: count }, (_, i) => shop.publication(`${name}${i}`));

    it('of a topic and of a partner, for each second, with the time to wait', async () => {
      await limit({ eventsPerSecond: 10 });
      await shop.publish(many(10, 'a'));
      const error = await failure(shop.publish(shop.publication('b')));
      expect(error)
        .to.be.instanceOf(PublishedTooFast)
        .and.include({ limitedBy: 'topic', waitMs: 100 });
      shop.clock.now += 100;
      await shop.publish(shop.publication('b'));
      await limit({});
      await shop.handler.handle(
        setPartnerLimits,
        { partnerId: dealer, eventsPerSecond: 2 },
        shop.context(),
      );
      shop.clock.now += 1_000;
      await shop.publish(many(6, 'c'));
      const later = await failure(shop.publish(shop.publication('d')));
      // What was taken at once beyond a second's worth is waited for.
      expect(later).to.include({ limitedBy: 'partner', waitMs: 2_500 });
    });

    it('of size, with a pointer at the one that is too large', async () => {
      await limit({ eventBytesMax: 200 });
      const large = shop.publication('b', { data: { text: 'x'.repeat(200) } });
      const error = await failure(shop.publish([shop.publication('a'), large]));
      expect(pointersOf(error)).to.deep.equal(['/publications/1']);
      await shop.publish(shop.publication('a'));
    });
  });
});
