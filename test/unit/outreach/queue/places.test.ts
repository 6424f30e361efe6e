import { expect } from 'chai';
import { createPlaces } from '../../../../workers/outreach/places.js';

describe('the places of chunks that are prepared', () => {
  it('are few, and free again once a chunk is with its providers', () => {
    const places = createPlaces();
    const leaves = [0, 0, 0].map((at) => places.take(false, at));
    expect(places.isFree(false, 0)).to.equal(false);
    leaves[0]?.(10);
    expect(places.isFree(false, 10)).to.equal(true);
  });

  it('are kept for one-time passwords, whatever else is under way', () => {
    const places = createPlaces();
    for (let chunk = 0; chunk < 3; chunk += 1) places.take(false, 0);
    expect(places.isFree(true, 0)).to.equal(true);
  });

  it('are left empty by the rest while a one-time password is prepared', () => {
    const places = createPlaces();
    const leave = places.take(true, 0);
    expect(places.isFree(false, 0)).to.equal(false);
    leave(5);
    expect(places.isFree(false, 5)).to.equal(true);
  });

  it('are taken by the rest one at a time, with pauses, for a while after a one-time password', () => {
    const places = createPlaces();
    places.take(true, 0)(5);
    const leave = places.take(false, 10);
    expect(places.isFree(false, 10)).to.equal(false);
    leave(30);
    expect(places.isFree(false, 69)).to.equal(false);
    expect(places.pausesUntil(69)).to.equal(70);
    expect(places.isFree(false, 70)).to.equal(true);
    expect(places.pausesUntil(70)).to.equal(Infinity);
    places.take(false, 70);
    expect(places.givesWay(2_999)).to.equal(true);
    expect(places.isFree(false, 2_999)).to.equal(false);
    expect(places.isFree(false, 3_000)).to.equal(true);
  });
});
