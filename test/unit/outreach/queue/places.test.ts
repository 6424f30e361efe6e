import { expect } from 'chai';
import { createPlaces } from '../../../../workers/outreach/places.js';

describe('the places of chunks that are prepared', () => {
  it('are few, and free again once a chunk is with its providers', () => {
    const places = createPlaces(2);
    const leaves = [0, 0, 0].map((at) => places.take(false, at, 100));
    expect(places.isFree(false, 0)).to.equal(false);
    leaves[0]?.(10);
    expect(places.isFree(false, 10)).to.equal(true);
  });

  it('are kept for one-time passwords, whatever else is under way', () => {
    const places = createPlaces(2);
    for (let chunk = 0; chunk < 3; chunk += 1) places.take(false, 0, 100);
    expect(places.isFree(true, 0)).to.equal(true);
  });

  it('are left empty by the rest while a one-time password is prepared', () => {
    const places = createPlaces(2);
    const leave = places.take(true, 0, 1);
    expect(places.isFree(false, 0)).to.equal(false);
    leave(5);
    expect(places.isFree(false, 5)).to.equal(true);
  });

  it('are taken by the rest one at a time, with pauses, for a while after a one-time password', () => {
    const places = createPlaces(2);
    places.take(true, 0, 1)(5);
    const leave = places.take(false, 10, 40);
    expect(places.isFree(false, 10)).to.equal(false);
    leave(30);
    expect(places.isFree(false, 172)).to.equal(false);
    expect(places.pausesUntil(172)).to.equal(173);
    expect(places.isFree(false, 173)).to.equal(true);
    expect(places.pausesUntil(173)).to.equal(Infinity);
    places.take(false, 173, 40);
    expect(places.givesWay(2_999)).to.equal(true);
    expect(places.isFree(false, 2_999)).to.equal(false);
    expect(places.isFree(false, 3_000)).to.equal(true);
  });

  it('are taken by the rest more often where there are more processors', () => {
    const waits = [1, 2, 16].map((processors) => {
      const places = createPlaces(processors);
      places.hear(0);
      places.take(false, 0, 40)(0);
      return places.pausesUntil(0);
    });
    expect(waits).to.deep.equal([286, 143, 18]);
  });
});
