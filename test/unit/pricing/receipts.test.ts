import { expect } from 'chai';
import { faultsOf } from '../../../domain/pricing/faults.js';
import { checkSchema } from './checkSchema.js';
import { asExpected, priceWorked, workedFiles } from './receiptTable.js';

describe('the worked receipts', () => {
  it('are at least sixty', () => {
    const count = workedFiles.reduce((sum, { receipts }) => sum + receipts.length, 0);
    expect(count).to.be.at.least(60);
  });

  for (const file of workedFiles) {
    describe(file.mechanic, () => {
      for (const campaign of file.campaigns) {
        it(`has a campaign ${campaign.campaignId} without a fault`, () => {
          expect(faultsOf(campaign, checkSchema)).to.deep.equal([]);
        });
      }
      for (const worked of file.receipts) {
        it(worked.title, () => {
          const priced = priceWorked(file, worked);
          expect(asExpected(priced, worked.expected)).to.deep.equal(worked.expected);
        });
      }
    });
  }
});
