import { expect } from 'chai';
import type { Attempt } from '../../../domain/delivery/events.js';
import { type Ailing, createAilments } from '../../../workers/webhook/ailing.js';

type Seen = Pick<Attempt, 'outcome' | 'ms' | 'response'>;

const sound: Seen = { outcome: 'delivered', ms: 5, response: { headers: {} } };
const answering = (ailing: Ailing, ms: number, times: number): void => {
  for (let one = 0; one < times; one += 1) ailing.saw({ ...sound, ms }, 0);
};

describe('who is served after the others', () => {
  it('is nobody of whom nothing is known, or whose answers are good', () => {
    const ailing = createAilments().open();
    expect(ailing.is(0)).to.equal(false);
    answering(ailing, 5, 100);
    expect(ailing.is(100)).to.equal(false);
  });

  it('is who failed, for a minute, though it has answered since', () => {
    const ailing = createAilments().open();
    ailing.saw({ ...sound, outcome: 'retry' }, 1_000);
    ailing.saw(sound, 2_000);
    expect(ailing.is(60_999)).to.equal(true);
    expect(ailing.is(61_000)).to.equal(false);
  });

  it('is who answers more than is kept', () => {
    const ailing = createAilments().open();
    ailing.saw({ ...sound, response: { headers: {}, truncated: true } }, 0);
    expect(ailing.is(1)).to.equal(true);
  });

  it('is who is slow, until it is so no more', () => {
    const ailing = createAilments().open();
    answering(ailing, 300, 1);
    expect(ailing.is(0), 'one slow answer').to.equal(false);
    answering(ailing, 300, 10);
    expect(ailing.is(0), 'many').to.equal(true);
    answering(ailing, 5, 20);
    expect(ailing.is(0), 'quick again').to.equal(false);
  });

  it('is who is slow beside others, and nobody where all are', () => {
    const ailments = createAilments();
    const [slow, one, other] = [ailments.open(), ailments.open(), ailments.open()];
    for (let round = 0; round < 500; round += 1) {
      answering(slow, 800, 1);
      answering(one, 5, 1);
      answering(other, 8, 1);
    }
    expect([slow, one, other].map((each) => each.is(0))).to.deep.equal([true, false, false]);
    for (let round = 0; round < 500; round += 1) {
      for (const each of [slow, one, other]) answering(each, 700, 1);
    }
    expect([slow, one, other].map((each) => each.is(0))).to.deep.equal([false, false, false]);
  });
});
