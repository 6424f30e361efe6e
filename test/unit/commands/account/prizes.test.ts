/** The last prizes of an instant win, through the real commands: receipts that race for them, what the slip says, and the worker. */
import { expect } from 'chai';
import { returnPurchase } from '../../../../commands/account/returnPurchase.js';
import { createDefineGame } from '../../../../commands/game/defineGame.js';
import { createHandler, type Handler } from '../../../../commands/handle.js';
import { createSeeds } from '../../../../commands/seeds.js';
import type { Position } from '../../../../domain/fact.js';
import type { GameName, GameReward } from '../../../../domain/game/definition.js';
import { stock, stockStream } from '../../../../domain/game/stock.js';
import type { PurchaseId, ReturnId, UserId } from '../../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../../platform/memory/personalKeys.js';
import { createPrizesWorker } from '../../../../workers/prizes.js';
import { eventually } from '../../workers/eventually.js';
import { demo } from '../house.js';
import { buyAs, enrolMany, processes, promote } from './promotions.js';
import { openShop, type Shop, till } from './shop.js';

const scratch = 'scratch' as GameName;
const prize = 'a bicycle';
const points: GameReward = { kind: 'points', points: 500 };

describe('the prizes of an instant win', () => {
  let shop: Shop;
  let users: UserId[];
  let stops: (() => Promise<void>)[];
  beforeEach(async () => {
    shop = await openShop();
    users = await enrolMany(shop, 10);
    stops = [];
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await shop.close();
  });

  const define = (inStock: number | null, reward: GameReward | null = points) => {
    const command = createDefineGame(createSeeds(createMemoryPersonalKeys()));
    const prizes = [{ prize, chance: 1_000_000, stock: inStock, reward }];
    const definition = { kind: 'instantWin' as const, prizes };
    return shop.handler.handle(command, { name: scratch, definition }, shop.context());
  };
  const offer = (id: string) =>
    promote(shop, id, {
      rewards: [{ kind: 'instant-win', game: scratch, prizes: [{ prize, chance: 1_000_000 }] }],
    });

  const wins = () =>
    shop.log.facts.filter(
      ({ type, data }) =>
        type === 'InstantWinDrawn' && (data as { prize: string | null }).prize !== null,
    );
  const state = () =>
    createHandler({ log: shop.log, directory: shop.directory }).state(
      stockStream(demo, scratch),
      stock,
    );
  const giveBack = (userId: UserId, id: string) => {
    const input = { ...till, purchaseId: id as PurchaseId, returnId: `r${id}` as ReturnId };
    return shop.handler.handle(returnPurchase, { userId, ...input }, shop.context());
  };

  let kept: Position | null = null;
  const start = (handler = shop.handler) => {
    const closing = new AbortController();
    const worker = createPrizesWorker({
      feed: shop.log,
      handler,
      checkpoints: {
        load: async () => kept,
        save: async (_name, position) => void (kept = position),
      },
      now: shop.now,
      onFailed: (error) => {
        throw error;
      },
    });
    const running = worker.run(closing.signal);
    const stop = async () => {
      closing.abort();
      await running;
    };
    stops.push(stop);
    return { ...worker, signal: closing.signal, stop };
  };
  beforeEach(() => void (kept = null));

  it('are won as often as there are, however many receipts win in the same moment', async () => {
    await define(3);
    await offer('fun');
    const tills = processes(shop, 4);
    await Promise.all(
      users.map((userId, index) =>
        buyAs(shop, tills[index % tills.length] as Handler, userId, { id: 'p' }),
      ),
    );
    expect(wins()).to.have.length(3);
    const drawn = shop.log.facts.filter(({ type }) => type === 'InstantWinDrawn');
    expect(drawn).to.have.length(10);
    const gone = drawn.filter(({ data }) => (data as { gone?: string }).gone === prize);
    expect(gone, 'the others are told what they missed').to.have.length(7);
    start();
    await eventually(async () => expect((await state()).open.size).to.equal(0));
    expect((await state()).taken.get(prize)).to.equal(3);
  });

  it('are named on the slip and in the record only where they were won', async () => {
    await define(1);
    await offer('fun');
    const [first, second] = users as [UserId, UserId];
    const slips: string[][] = [];
    const effects: unknown[] = [];
    for (const userId of [first, second]) {
      const answer = (await buyAs(shop, shop.handler, userId, { id: 'p' })) as unknown as {
        texts: { slip: string[] };
        applied: { effects: { prize?: string | null }[] }[];
      };
      slips.push(answer.texts.slip);
      effects.push(answer.applied[0]?.effects[0]?.prize);
    }
    expect(effects).to.deep.equal([prize, null]);
    expect(slips[0]).to.include(`Won: ${prize}`);
    expect(slips[1]).not.to.include(`Won: ${prize}`);
  });

  it('are counted for each draw of a receipt that draws twice', async () => {
    await define(3);
    await offer('fun');
    await offer('more');
    const [first, second] = users as [UserId, UserId];
    await buyAs(shop, shop.handler, first, { id: 'p' });
    await buyAs(shop, shop.handler, second, { id: 'p' });
    expect(wins()).to.have.length(3);
    start();
    await eventually(async () => expect((await state()).open.size).to.equal(0));
    expect((await state()).taken.get(prize)).to.equal(3);
    await giveBack(first, 'p');
    await eventually(async () => expect((await state()).taken.get(prize)).to.equal(1));
  });

  it('can be won again once they came back with the goods', async () => {
    await define(1);
    await offer('fun');
    const [first, second, third] = users as [UserId, UserId, UserId];
    start();
    await buyAs(shop, shop.handler, first, { id: 'p' });
    await buyAs(shop, shop.handler, second, { id: 'p' });
    await giveBack(first, 'p');
    await eventually(async () => expect((await state()).taken.get(prize)).to.equal(0));
    await buyAs(shop, shop.handler, third, { id: 'p' });
    expect(wins().map(({ stream }) => stream.split('.')[1])).to.deep.equal([first, third]);
  });

  it('are free again where the receipt came to nothing, each time that it does', async () => {
    await define(1);
    await offer('fun');
    const [first, second] = users as [UserId, UserId];
    let broken = true;
    const log: typeof shop.log = {
      ...shop.log,
      facts: shop.log.facts,
      append: (stream, expected, facts) =>
        broken && stream.startsWith('account-')
          ? Promise.reject(new Error('the connection is gone'))
          : shop.log.append(stream, expected, facts),
    };
    const till = createHandler({ log, directory: shop.directory });
    const worker = start();
    const key = 'the same receipt';
    const again = { ...shop, context: () => shop.context({ idempotencyKey: key }) };
    for (const time of [1, 2]) {
      await buyAs(again, till, first, { id: 'p' }).catch(() => undefined);
      expect((await state()).taken.get(prize), `try ${time}`).to.equal(1);
      await eventually(() => expect(worker.open()).to.equal(1));
      shop.pass(120_000);
      await worker.sweep(worker.signal);
      expect((await state()).taken.get(prize), `after try ${time}`).to.equal(0);
    }
    broken = false;
    await buyAs(shop, shop.handler, second, { id: 'p' });
    await buyAs(again, till, first, { id: 'p' });
    expect(wins().map(({ stream }) => stream.split('.')[1])).to.deep.equal([second]);
    const ids = shop.log.facts.map(({ id }) => id);
    expect(new Set(ids).size, 'no fact has the id of another').to.equal(ids.length);
  });

  it('are found again after a restart, and settled once', async () => {
    await define(5);
    await offer('fun');
    const [first, second] = users as [UserId, UserId];
    await buyAs(shop, shop.handler, first, { id: 'p' });
    const { stop } = start();
    await eventually(async () => expect((await state()).open.size).to.equal(0));
    await stop();
    kept = null;
    await buyAs(shop, shop.handler, second, { id: 'p' });
    start(createHandler({ log: shop.log, directory: shop.directory }));
    await eventually(async () => expect((await state()).open.size).to.equal(0));
    expect((await state()).taken.get(prize)).to.equal(2);
    expect(shop.types().filter((type) => type === 'PrizeWon')).to.have.length(2);
  });

  it('ask for no stream where there are as many as are won', async () => {
    await define(null);
    await offer('fun');
    const before = shop.types().length;
    await buyAs(shop, shop.handler, users[0] as UserId, { id: 'p' });
    expect(shop.types().slice(before)).not.to.include('PrizeReserved');
    expect(wins()).to.have.length(1);
  });
});
