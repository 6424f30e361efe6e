/** Who may send when much is under way. */
import { expect } from 'chai';
import type { DialOutcome } from '../../../workers/webhook/dial.js';
import { createSlots } from '../../../workers/webhook/slots.js';
import { answered, soon, World } from './dispatcherWorld.js';

describe('requests under way', () => {
  it('leave the last part to those with few, and one more to who has none', () => {
    const slots = createSlots({ sound: 16, doubtful: 2 });
    const [one, other, third] = [slots.open(), slots.open(), slots.open()];
    const takeAll = (of: typeof one, doubtful = false): number => {
      let taken = 0;
      while (of.take(doubtful)) taken += 1;
      return taken;
    };
    expect(takeAll(one)).to.equal(12);
    expect(takeAll(other)).to.equal(4);
    expect(takeAll(third), 'though all are taken').to.equal(1);
    expect(takeAll(one, true), 'those that fail are never more than they may be').to.equal(2);
    expect(takeAll(other, true)).to.equal(0);
  });

  it('tell who waits for them, those with few before the others', async () => {
    const slots = createSlots({ sound: 8, doubtful: 1 });
    const [one, other] = [slots.open(), slots.open()];
    for (let count = 0; count < 6; count += 1) one.take(false);
    for (let count = 0; count < 2; count += 1) other.take(false);
    const woken: string[] = [];
    one.wait(false, () => woken.push('one'));
    other.wait(false, () => woken.push('other'));
    for (const expected of [['other'], ['other'], ['other', 'one']]) {
      one.free(false);
      await Promise.resolve();
      expect(woken).to.deep.equal(expected);
    }
  });
});

describe('sound endpoints beside dead ones', function () {
  this.timeout(120_000);
  const sound = ['well0', 'well1', 'well2', 'well3', 'well4', 'well5', 'well6'];
  let world: World;
  let turns = 0;
  let hanging: ((outcome: DialOutcome) => void)[] = [];
  let turning: NodeJS.Immediate | undefined;
  const turn = (): void => {
    turns += 1;
    turning = setImmediate(turn);
  };
  const hangs = (): Promise<DialOutcome> => new Promise((told) => hanging.push(told));

  beforeEach(async () => {
    [hanging, turns] = [[], 0];
    world = new World();
    await world.begin();
  });
  afterEach(async () => {
    if (turning) clearImmediate(turning);
    for (const told of hanging) told(answered(500));
    await world.end();
  });

  /** Turns of the event loop from each publication to the request of each sound endpoint. */
  const measure = async (events: number): Promise<number[]> => {
    const waits: number[] = [];
    turn();
    for (let event = 0; event < events; event += 1) {
      const from = turns;
      const wanted = new Map(sound.map((name) => [name, world.sentTo(name) + 1]));
      for (const name of sound) {
        world.endpoints.set(`${name}.example`, async () => {
          waits.push(turns - from + 1);
          return answered(204);
        });
      }
      await world.publish(1);
      await soon(
        () => sound.every((name) => world.sentTo(name) === wanted.get(name)),
        'it is sent',
      );
    }
    if (turning) clearImmediate(turning);
    return waits;
  };
  const p99 = (values: readonly number[]): number =>
    [...values].sort((one, other) => one - other)[Math.ceil(values.length * 0.99) - 1] ?? Infinity;

  it('are called no later: the p99 in turns of the event loop is the same within a fifth', async () => {
    for (const name of sound) await world.subscribe(name);
    await measure(5);
    const calm = await measure(40);
    const ailments = [
      hangs,
      async () => answered(500),
      async () => answered(410),
      async () => answered(429, { 'retry-after': '1' }),
      async (): Promise<DialOutcome> => Promise.reject(new Error('refused')),
    ];
    for (let index = 0; index < 25; index += 1) {
      world.endpoints.set(`dead${index}.example`, ailments[index % 5] ?? hangs);
      await world.subscribe(`dead${index}`, { concurrency: 50 });
    }
    await soon(() => hanging.length >= 5 * 45, 'the dead ones are at it');
    const wild = await measure(40);
    expect(calm).to.have.length(40 * sound.length);
    expect(wild).to.have.length(40 * sound.length);
    expect(p99(wild)).to.be.at.most(p99(calm) * 1.2);
  });

  it('are called though more hang than may be under way, none of which has failed yet', async () => {
    await world.publish(50);
    for (let index = 0; index < 30; index += 1) {
      world.endpoints.set(`hangs${index}.example`, hangs);
      await world.subscribe(`hangs${index}`, { concurrency: 50 });
    }
    await soon(() => hanging.length >= 750, 'they hang');
    await world.subscribe('late');
    await soon(() => world.sentTo('late') === 50, 'it has everything');
    expect(hanging.length).to.be.below(30 * 50);
  });
});
