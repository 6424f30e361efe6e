import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { OpenSeriesBody, openInput } from '../../../api/admin/couponShapes.js';
import { openSeries } from '../../../commands/coupon/openSeries.js';
import { assertValid } from '../../../commands/validation.js';
import { faultsOf } from '../../../domain/pricing/faults.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { openShop } from '../commands/account/shop.js';
import { checkSchema } from '../pricing/checkSchema.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/coupons.md'), 'utf8');
const blocks = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(
  ([, text]) => JSON.parse(text ?? '') as Record<string, unknown>,
);

describe('the guide to coupons', () => {
  it('shows series that can be opened as they are', async () => {
    const shop = await openShop();
    const shown = blocks.filter((block) => 'kind' in block);
    expect(shown).to.have.length(2);
    for (const body of shown) {
      assertValid(OpenSeriesBody, body);
      const { answer } = await openSeries(shop.handler, openInput(body as never), shop.context());
      expect(answer.seriesId).to.equal(body['seriesId']);
    }
    await shop.close();
  });

  it('shows a campaign without a fault', () => {
    const shown = blocks.filter((block) => 'campaignId' in block);
    expect(shown).to.have.length(1);
    for (const campaign of shown) expect(faultsOf(campaign, checkSchema)).to.deep.equal([]);
  });
});
