import { expect } from 'chai';
import { type Belonging, heardOf, type Word } from '../../../domain/consent/heard.js';

const given = (since: number): Word => ({ state: 'given', since });
const withdrawn = (since: number): Word => ({ state: 'withdrawn', since });

describe('what is heard of an account and its address', () => {
  it('is the later word of one person, where the address is their own', () => {
    expect(heardOf(given(1), withdrawn(2), 'own')).to.deep.equal(withdrawn(2));
    expect(heardOf(withdrawn(2), given(1), 'own')).to.deep.equal(withdrawn(2));
    expect(heardOf(given(3), withdrawn(2), 'own')).to.deep.equal(given(3));
    expect(heardOf(given(2), withdrawn(2), 'own')).to.deep.equal(withdrawn(2));
    expect(heardOf(given(1), null, 'own')).to.deep.equal(given(1));
    expect(heardOf(null, given(1), 'own')).to.deep.equal(given(1));
  });

  it('is no agreement of an account for an address of somebody else', () => {
    expect(heardOf(given(1), null, 'foreign')).to.equal(null);
    expect(heardOf(given(9), given(1), 'foreign')).to.deep.equal(given(1));
    expect(heardOf(null, given(1), 'foreign')).to.deep.equal(given(1));
    expect(heardOf(null, null, 'foreign')).to.equal(null);
  });

  it('is a withdrawal by either, whenever it was, where they may be two persons', () => {
    for (const belonging of ['foreign', 'untold'] satisfies Belonging[]) {
      expect(heardOf(given(9), withdrawn(1), belonging)).to.deep.equal(withdrawn(1));
      expect(heardOf(withdrawn(1), given(9), belonging)).to.deep.equal(withdrawn(1));
      expect(heardOf(withdrawn(1), null, belonging)).to.deep.equal(withdrawn(1));
    }
  });

  it('is the agreement of an account for what accounts are not known by', () => {
    expect(heardOf(given(1), null, 'untold')).to.deep.equal(given(1));
  });
});
