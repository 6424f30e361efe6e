import { expect } from 'chai';
import { webhookIdOf } from '../../../commands/delivery/webhookId.js';

describe('the id of a delivery', () => {
  // Receivers keep these ids to know a repeat by: no build may make others.
  it('is what every build before it made', () => {
    expect([
      webhookIdOf('deliveries-demo.sub_1', [0]),
      webhookIdOf('deliveries-demo.sub_1', [0, 1]),
      webhookIdOf('deliveries-demo.sub_2', [4_711]),
    ]).to.deep.equal([
      'msg_22UNFnFeVgTq99FsPx5hC3',
      'msg_7dVFOijqiEvsRhfUil1pCX',
      'msg_5XCX6lJ331AZaumsNB5MZw',
    ]);
  });

  it('is another for every place and every subscription, and of one length', () => {
    const ids = Array.from({ length: 5_000 }, (_, place) => [
      webhookIdOf('deliveries-demo.sub_1', [place]),
      webhookIdOf('deliveries-demo.sub_2', [place]),
    ]).flat();
    expect(new Set(ids).size).to.equal(10_000);
    expect(ids.filter((id) => !/^msg_[0-9A-Za-z]{22}$/.test(id))).to.deep.equal([]);
  });
});
