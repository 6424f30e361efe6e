/** The main way: what a dealer publishes is at a bank's endpoint at once, signed, and what became of it is in the log. */
import { expect } from 'chai';
import { type Bank, openBank } from './bank.js';
import {
  choices,
  deliver,
  type Delivering,
  eventually,
  type Exchange,
  startExchange,
} from './exchange.js';

describe('deliveries to webhooks', function () {
  this.timeout(30_000);
  let exchange: Exchange;
  let delivering: Delivering;
  const banks: Bank[] = [];
  const bankOf = async (...answer: Parameters<typeof openBank>): Promise<Bank> => {
    const bank = await openBank(...answer);
    banks.push(bank);
    return bank;
  };

  before(async () => {
    exchange = await startExchange({ delays: [0, 200, 300, 400], leaseMs: 2_000 });
    delivering = deliver(exchange.settings);
  });
  after(async () => {
    await delivering.stop();
    await exchange.stop();
    await Promise.all(banks.map((bank) => bank.stop()));
  });

  it('are at the endpoint within a second, signed as an independent receiver wants it, and recorded', async () => {
    const bank = await bankOf();
    const terms = await exchange.subscribe('main1', bank.url);
    bank.secret = terms.secret;
    await exchange.publish(choices(3));
    await eventually('three arrive', () => bank.received.length >= 3);
    expect(bank.forged).to.deep.equal([]);
    expect(bank.ids()).to.have.members(['choice-0', 'choice-1', 'choice-2']);
    const [first] = bank.received;
    expect(first?.headers).to.include({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'kopilka-topic': 'cars_chosen',
    });
    await eventually('they are recorded', async () => {
      const { cursor, counts } = await exchange.ledger(terms);
      return cursor === 2 && counts.delivered === 3;
    });
    expect(delivering.failures).to.deep.equal([]);
  });
});
