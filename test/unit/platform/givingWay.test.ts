import { expect } from 'chai';
import { waitedMs } from '../../../embedded/thread/waitedMs.js';
import {
  joinTurns,
  openTurnsMemory,
  restingAsItWaits,
} from '../../../platform/compose/givingWay.js';

const never = new AbortController().signal;

describe('the turns of what can wait', () => {
  let now = 0;
  /** Two threads. */
  const open = () => {
    const memory = openTurnsMemory();
    return [joinTurns(memory, () => now), joinTurns(memory, () => now)] as const;
  };
  beforeEach(() => (now = 1_000_000));

  it('are everybody’s at once while nothing is urgent', async () => {
    const [one, other] = open();
    expect(one.givesWay()).to.equal(false);
    await one.turn(never);
    await other.turn(never);
  });

  it('are told of by any thread to all, for a while', () => {
    const [one, other] = open();
    one.hear();
    now += 2_999;
    expect(other.givesWay()).to.equal(true);
    now += 1;
    expect(other.givesWay()).to.equal(false);
  });

  it('are one thread’s at a time, and all rest after each', () => {
    const [one, other] = open();
    const end = one.tryTurn();
    now += 20;
    expect(other.tryTurn()).to.equal(null);
    end?.();
    const rest = other.freeAt - now;
    expect(rest).to.be.greaterThan(0);
    now += rest - 1;
    expect(one.tryTurn()).to.equal(null);
    expect(other.tryTurn()).to.equal(null);
    now += 1;
    expect(other.tryTurn()).to.not.equal(null);
  });

  it('are waited for', async () => {
    const [one, other] = open();
    one.hear();
    const end = await one.turn(never);
    let isOn = false;
    const waiting = other.turn(never).then(() => (isOn = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isOn).to.equal(false);
    end();
    now = other.freeAt;
    await waiting;
  });

  it('are passed on from whoever keeps one for too long, and not taken from who has it then', () => {
    const [one, other] = open();
    const late = one.tryTurn();
    now = other.freeAt;
    expect(other.tryTurn()).to.not.equal(null);
    late?.();
    expect(one.tryTurn()).to.equal(null);
  });

  it('are had in the end by whoever asks and is always refused', () => {
    const [one, other] = open();
    const from = now;
    let end = one.tryTurn();
    while (other.tryTurn() === null) {
      now += 50;
      end?.();
      now = one.freeAt;
      end = one.tryTurn();
    }
    expect(now - from).to.be.within(1_000, 1_100);
  });

  it('are gone without by whoever waited for too long, and by whoever is stopped', async () => {
    const [one, other] = open();
    one.hear();
    one.tryTurn();
    const waiting = other.turn(never);
    now += 1_000;
    one.tryTurn();
    await waiting;
    await other.turn(AbortSignal.abort());
  });
});

describe('who has what is spare', () => {
  const turnsTaken: number[] = [];
  const always = {
    givesWay: () => true,
    turn: () => {
      turnsTaken.push(performance.now());
      return Promise.resolve(() => undefined);
    },
  };

  it('rests for a multiple of what it waited for a processor, once for each wait', async () => {
    let waited = 100;
    const resting = restingAsItWaits(always, () => waited);
    expect(resting.givesWay()).to.equal(true);
    const took = async (): Promise<number> => {
      const from = performance.now();
      await resting.turn(never);
      return (turnsTaken.at(-1) ?? 0) - from;
    };
    expect(await took()).to.be.below(50);
    waited += 20;
    expect(await took()).to.be.greaterThan(150);
    expect(await took()).to.be.below(50);
  });

  it('does not rest while somebody waits for it, nor afterwards for what it waited then', async () => {
    let waited = 0;
    let mayRest = false;
    const resting = restingAsItWaits(
      always,
      () => waited,
      () => mayRest,
    );
    const from = performance.now();
    waited += 10_000;
    await resting.turn(never);
    mayRest = true;
    await resting.turn(never);
    expect(performance.now() - from).to.be.below(250);
  });

  it('goes on at once where all is being stopped', async () => {
    let waited = 0;
    const resting = restingAsItWaits(always, () => waited);
    waited = 10_000;
    const from = performance.now();
    await resting.turn(AbortSignal.abort());
    expect(performance.now() - from).to.be.below(500);
  });

  it('learns from the system what it waited, where that tells', () => {
    const before = waitedMs();
    expect(before).to.be.at.least(0);
    expect(waitedMs()).to.be.at.least(before);
  });
});
