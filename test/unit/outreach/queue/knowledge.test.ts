import { expect } from 'chai';
import type { UserId } from '../../../../domain/ids.js';
import { sealText } from '../../../../commands/personalData.js';
import { outreachRulesDefault } from '../../../../domain/consent/rules.js';
import { learn } from '../../../../workers/outreach/knowledge.js';
import type { Loaded } from '../../../../workers/outreach/loaded.js';
import type { Persons, QueueTables } from '../../../../workers/outreach/ports.js';
import { demo, inHand, noon } from './known.js';

describe('what is known of an account', () => {
  const ada = 'ada' as UserId;
  const key = Buffer.alloc(32, 7);
  const person = sealText(key, demo, ada, JSON.stringify({ phone: '+37120000000' }));
  const tables = {
    position: () => Promise.resolve(9n),
    suppressions: () => Promise.resolve(new Map()),
    consents: () => Promise.resolve(new Map()),
    sentTo: () => Promise.resolve(new Map()),
  } as unknown as QueueTables;
  const one: Loaded = {
    ...inHand({
      ...{ class: 'service', sealed: sealText(key, demo, ada, '{"addresses":{}}') },
      recipient: { userId: ada, subject: ada, addresses: {} },
    }),
    position: 7n,
  };
  /** @param found what each look at the accounts shows. */
  const learned = async (reached: bigint, found: readonly (string | null)[]) => {
    let looks = 0;
    const persons: Persons = {
      keys: () => Promise.resolve(new Map([[ada, key]])),
      indexKey: () => Promise.resolve(key),
      accounts: () => {
        const text = found[looks++];
        return Promise.resolve(text ? new Map([[ada, text]]) : new Map<string, string>());
      },
      accountsPosition: () => Promise.resolve(reached),
    };
    const ports = { tables, persons, now: () => noon };
    const known = await learn(ports, demo, 'service', 'sms', outreachRulesDefault, [one]);
    return { isTooEarly: known.isTooEarly(one), phone: known.addresses(one).phone !== undefined };
  };

  it('is not enough where accounts are known up to a place before the request only', async () => {
    expect(await learned(6n, [null, null])).to.deep.equal({ isTooEarly: true, phone: false });
  });

  it('is that there is none where they are known beyond it', async () => {
    expect(await learned(7n, [null, null])).to.deep.equal({ isTooEarly: false, phone: false });
  });

  it('is looked at again for what came between two looks', async () => {
    expect(await learned(7n, [null, person])).to.deep.equal({ isTooEarly: false, phone: true });
    expect(await learned(6n, [null, person])).to.deep.equal({ isTooEarly: false, phone: true });
    expect(await learned(0n, [person])).to.deep.equal({ isTooEarly: false, phone: true });
  });
});
