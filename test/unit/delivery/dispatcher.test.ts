/** The dispatcher: what it sends when, what it gives up, and what it records of it. */
import { expect } from 'chai';
import type { SubscriptionTerms } from '../../../domain/subscription/events.js';
import type { DialOutcome } from '../../../workers/webhook/dial.js';
import { answered, hour, keyed, soon, World } from './dispatcherWorld.js';

describe('the dispatcher', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.begin();
  });
  afterEach(() => world.end());

  it('sends to a sound endpoint at once, however many others hang', async () => {
    const hanging: ((outcome: DialOutcome) => void)[] = [];
    for (let index = 0; index < 40; index += 1) {
      world.endpoints.set(`hangs${index}.example`, () => new Promise((told) => hanging.push(told)));
      await world.subscribe(`hangs${index}`);
    }
    await world.publish(4);
    await soon(() => hanging.length === 160, 'the others hang');
    await world.subscribe('sound');
    await soon(() => world.sentTo('sound') === 4, 'the sound one has all');
    for (const told of hanging) told(answered(500));
  });

  it('waits as long as it is asked to, and then sends the same again under the same id', async () => {
    let busy = true;
    world.endpoints.set('busy.example', async () =>
      busy ? answered(429, { 'retry-after': '60' }) : answered(200),
    );
    const terms = await world.subscribe('busy', { concurrency: 1 });
    await world.publish(2);
    await soon(() => world.attempts(terms).length === 1, 'the first is recorded');
    busy = false;
    const [first] = world.attempts(terms);
    expect(first?.notBefore).to.equal(world.clock + 60_003);
    world.pass(59_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(world.sentTo('busy')).to.equal(1);
    world.pass(2_000);
    await soon(() => world.attempts(terms).length === 3, 'both are delivered');
    const ids = world.attempts(terms).map(({ webhookId }) => webhookId);
    expect(new Set(ids).size).to.equal(2);
    expect(world.attempts(terms).map(({ outcome }) => outcome)).to.deep.equal([
      ...['retry', 'delivered', 'delivered'],
    ]);
  });

  it('sends to sound endpoints before one that failed lately, though it has answered since', async () => {
    let calls = 0;
    world.endpoints.set('bad.example', async () => answered((calls += 1) === 1 ? 503 : 204));
    const [bad, good] = [await world.subscribe('bad'), await world.subscribe('good')];
    await world.publish(1);
    await soon(() => world.attempts(bad).length === 1, 'the one that failed');
    world.pass(6_000);
    await soon(() => world.attempts(bad).length === 2, 'it arrived');
    await soon(() => world.attempts(good).length === 1, 'the sound one has it');
    const before = world.sent.length;
    await world.publish(1);
    await soon(() => world.sent.length === before + 2, 'both have the next');
    const hosts = world.sent.slice(before).map(({ url }) => new URL(url).hostname);
    expect(hosts).to.deep.equal(['good.example', 'bad.example']);
  });

  it('records what came of deliveries a quarter of the subscriptions at a time, and all of it', async () => {
    const all: SubscriptionTerms[] = [];
    for (let number = 0; number < 40; number += 1) all.push(await world.subscribe(`one${number}`));
    const recorded = (count: number) => () =>
      all.every((terms) => world.attempts(terms).length === count);
    await world.publish(1);
    await soon(recorded(1), 'each is held');
    [world.appendMs, world.appendingMost] = [10, 0];
    await world.publish(1);
    await soon(recorded(2), 'all is recorded');
    expect(world.appendingMost).to.be.within(1, 10);
  });

  it('gives up an endpoint that fails for five days, and says since when', async () => {
    world.endpoints.set('dead.example', async () => ({
      ...{ kind: 'failed', code: 'ECONNREFUSED', reason: 'refused', sent: false, milliseconds: 1 },
    }));
    const terms = await world.subscribe('dead', { concurrency: 1 });
    await world.publish(1);
    await soon(() => world.attempts(terms).length === 1, 'it fails');
    const since = new Date(world.clock + 1).toISOString();
    world.pass(119 * hour);
    await soon(() => world.attempts(terms).length === 2, 'it fails again');
    expect(world.disabled).to.deep.equal([]);
    world.pass(2 * hour);
    await soon(() => world.disabled.length === 1, 'it is disabled');
    expect(world.disabled).to.deep.equal([`sub_dead failing ${since}`]);
    await soon(
      async () => (await world.ledger(terms)).endpoint.failures === 0,
      'figures begin anew',
    );
    expect((await world.ledger(terms)).waiting.size).to.equal(1);
  });

  it('sends nothing twice because it cannot be written down', async () => {
    const terms = await world.subscribe('sound');
    world.refusesAppends = true;
    await world.publish(3);
    await soon(() => world.sentTo('sound') === 3, 'they are sent');
    await soon(() => world.failures.length > 0, 'it cannot be recorded');
    world.refusesAppends = false;
    world.pass(2_000);
    await soon(() => world.attempts(terms).length === 3, 'they are recorded');
    expect(world.sentTo('sound')).to.equal(3);
  });

  it('records nothing any more where another process took over', async () => {
    const terms = await world.subscribe('sound');
    await world.publish(1);
    await soon(() => world.attempts(terms).length === 1, 'one is recorded');
    await world.tell(`deliveries-demo.${terms.subscriptionId}`, 'DeliveriesPassed', {
      ranges: [{ first: 7, last: 7, reason: 'filtered' }],
    });
    const before = world.log.facts.length;
    await world.publish(1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(world.attempts(terms).length).to.equal(1);
    expect(world.log.facts.length).to.equal(before + 1);
  });

  it('holds back what is paused, and goes on from there when it is resumed', async () => {
    const terms = await world.subscribe('sound');
    const stream = `subscription-demo.${terms.subscriptionId}`;
    await world.tell(stream, 'SubscriptionPaused', { reason: 'x' });
    await world.publish(2);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(world.sent.length).to.equal(0);
    await world.tell(stream, 'SubscriptionResumed', {});
    await soon(() => world.attempts(terms).length === 2, 'both are delivered');
  });

  it('goes on with the others where some end', async () => {
    const well = await world.subscribe('well');
    const ending = [];
    for (const name of ['one', 'two', 'three']) {
      world.endpoints.set(`${name}.example`, () => new Promise(() => undefined));
      ending.push(await world.subscribe(name));
    }
    await world.publish(1);
    await soon(() => world.sent.length === 4, 'all are called');
    for (const { subscriptionId } of ending) {
      await world.tell(`subscription-demo.${subscriptionId}`, 'SubscriptionEnded', {});
    }
    await soon(async () => (await world.ledger(well)).cursor === 0, 'the first is recorded');
    for (let count = 2; count < 6; count += 1) {
      await world.publish(1);
      await soon(() => world.sentTo('well') === count, `number ${count}`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  });

  it('sends of a batch what may still be shown, and passes the rest with its reason', async () => {
    let well = false;
    world.endpoints.set('late.example', async () => answered(well ? 200 : 500));
    const terms = await world.subscribe('late', { batch: { max: 10, waitMs: 100 } });
    await world.publish(2);
    await world.publish(2, { expiresAt: new Date(world.clock + hour).toISOString() });
    await world.publish(1);
    await soon(() => {
      world.pass(100);
      return world.attempts(terms).length === 1;
    }, 'it fails');
    expect(world.attempts(terms)[0]?.places).to.deep.equal([0, 1, 2, 3, 4]);
    well = true;
    world.pass(2 * hour);
    await soon(() => world.attempts(terms).length === 2, 'the rest is delivered');
    const [first, second] = world.attempts(terms);
    expect(second).to.deep.include({ places: [0, 1, 4], webhookId: first?.webhookId });
    expect(second?.ids).to.have.length(3);
    await soon(async () => (await world.ledger(terms)).counts.passed === 2, 'it is passed');
    const { waiting, counts, cursor } = await world.ledger(terms);
    expect([waiting.size, counts.delivered, cursor]).to.deep.equal([0, 3, 4]);
    expect(world.ranges(terms)).to.deep.equal([{ first: 2, last: 3, reason: 'expired' }]);
  });

  it('goes on with a key whose failed batch was replayed', async () => {
    let well = false;
    world.endpoints.set('shy.example', async () => answered(well ? 200 : 500));
    const terms = await world.subscribe('shy', {
      ...{ order: { by: 'key', onFailure: 'block' }, batch: { max: 2, waitMs: 100 } },
    });
    const stream = `deliveries-demo.${terms.subscriptionId}`;
    await world.publish(2, { publication: keyed });
    await soon(() => {
      world.pass(100);
      return world.attempts(terms).length === 1;
    }, 'it fails');
    await world.publish(2, { publication: keyed });
    well = true;
    await world.tell(stream, 'ReplayRequested', {
      ...{ job: `rep_${'0'.repeat(24)}`, from: 0, to: 1, status: 'failed' },
      ...{ ratePerSecond: 100, by: 'user x' },
    });
    await soon(async () => {
      world.pass(20);
      return (await world.ledger(terms)).cursor === 3;
    }, 'what came behind it is delivered');
    expect((await world.ledger(terms)).waiting.size).to.equal(0);
  });

  it('goes on with a key whose failed event was skipped', async () => {
    world.endpoints.set('picky.example', async ({ body }) =>
      answered(body.toString().includes('poison') ? 500 : 200),
    );
    const terms = await world.subscribe('picky', { order: { by: 'key', onFailure: 'block' } });
    const stream = `deliveries-demo.${terms.subscriptionId}`;
    await world.publish(1, { publication: { ...keyed, data: { text: 'poison' } } });
    await world.publish(2, { publication: keyed });
    await soon(() => world.attempts(terms).length === 1, 'it fails');
    const [first] = world.attempts(terms);
    expect(world.sentTo('picky')).to.equal(1);
    await world.tell(stream, 'DeliverySkipped', {
      ...{ webhookId: first?.webhookId, places: [0], by: 'user x' },
    });
    await soon(() => world.attempts(terms).length === 3, 'what came behind it is delivered');
    const { counts, waiting, cursor } = await world.ledger(terms);
    expect([counts, waiting.size, cursor]).to.deep.equal([
      { attempts: 3, delivered: 2, passed: 1 },
      ...[0, 2],
    ]);
  });

  it('records what an ended subscription leaves, also where a recording is under way', async () => {
    const hanging: ((outcome: DialOutcome) => void)[] = [];
    world.endpoints.set('slow.example', () => new Promise((told) => hanging.push(told)));
    const terms = await world.subscribe('slow', { concurrency: 1 });
    await world.publish(3);
    await soon(() => hanging.length === 1, 'it is under way');
    world.appendMs = 300;
    hanging.shift()?.(answered(204));
    await soon(() => hanging.length === 1, 'the next is under way');
    await soon(() => world.appending > 0, 'a recording is under way');
    const stream = `subscription-demo.${terms.subscriptionId}`;
    const ended = world.tell(stream, 'SubscriptionEnded', {});
    hanging.shift()?.(answered(204));
    await ended;
    await soon(async () => (await world.ledger(terms)).cursor === 2, 'the rest is passed');
    expect(world.ranges(terms)).to.deep.equal([{ first: 2, last: 2, reason: 'ended' }]);
  });

  it('says its ledger now and then, and lets what is older than records are kept go', async () => {
    const terms = await world.subscribe('sound');
    for (let months = 0; months < 4; months += 1) {
      await world.publish(1);
      await soon(() => world.attempts(terms).length === months + 1, 'it is delivered');
      world.pass(31 * 24 * hour);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await soon(() => world.cuts.length > 0, 'the old ones go');
    const [cut = ''] = world.cuts;
    const stream = `deliveries-demo.${terms.subscriptionId}`;
    const facts = world.log.facts.filter((fact) => fact.stream === stream);
    const before = Number(cut.split(' ')[1]);
    expect(facts.find(({ revision }) => revision === before)?.type).to.equal(
      'DeliveriesCarriedOver',
    );
    expect(await world.ledger(terms)).to.deep.include({ cursor: 3 });
  });

  it('ends in time, whatever never comes back', async () => {
    world.endpoints.set('lost.example', () => new Promise(() => undefined));
    const terms = await world.subscribe('lost');
    await world.publish(1);
    await soon(() => world.sentTo('lost') === 1, 'it is under way');
    const startedAt = performance.now();
    await world.end();
    expect(performance.now() - startedAt).to.be.below(2_000);
    expect(world.attempts(terms)).to.deep.equal([]);
  });

  it('passes over what expired before it could be sent, and says so', async () => {
    let well = false;
    world.endpoints.set('late.example', async () => answered(well ? 200 : 500));
    const terms = await world.subscribe('late', { concurrency: 1 });
    await world.publish(1, { expiresAt: new Date(world.clock + hour).toISOString() });
    await soon(() => world.attempts(terms).length === 1, 'it fails');
    well = true;
    world.pass(2 * hour);
    await soon(async () => (await world.ledger(terms)).counts.passed === 1, 'it is passed');
    const { waiting, parked } = await world.ledger(terms);
    expect([world.sent.length, waiting.size, parked.size]).to.deep.equal([1, 0, 0]);
  });
});
