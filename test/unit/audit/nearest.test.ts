import { expect } from 'chai';
import { nearestNames } from '../../../api/audit/nearest.js';
import { eventDefinitions } from '../../../domain/registry.js';

const names = [...eventDefinitions.keys()];

describe('the nearest names', () => {
  it('are those a few slips away, whatever the case', () => {
    expect(nearestNames('purchaseconfrimed', names)[0]).to.equal('PurchaseConfirmed');
    expect(nearestNames('TilRevoked', names)[0]).to.equal('TillRevoked');
  });

  it('are those that hold the word, the shortest first', () => {
    expect(nearestNames('Refer', ['ReferralsChanged', 'ReferralOpened', 'Till'])).to.deep.equal([
      'ReferralOpened',
      'ReferralsChanged',
    ]);
  });

  it('are none for a word that is like nothing, and few for one like many', () => {
    expect(nearestNames('Nope', names)).to.deep.equal([]);
    expect(nearestNames('', names)).to.deep.equal([]);
    expect(nearestNames('x'.repeat(80), names)).to.deep.equal([]);
    expect(nearestNames('Purchase', names)).to.have.length(3);
  });
});
