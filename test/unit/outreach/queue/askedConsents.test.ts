import { expect } from 'chai';
import { addressHash } from '../../../../commands/message/addresses.js';
import { sealText } from '../../../../commands/personalData.js';
import { outreachRulesDefault } from '../../../../domain/consent/rules.js';
import type { UserId } from '../../../../domain/ids.js';
import { consentKey } from '../../../../projections/outbox/permissions.js';
import { learn } from '../../../../workers/outreach/knowledge.js';
import type { Persons, QueueTables } from '../../../../workers/outreach/ports.js';
import { demo, inHand, noon } from './known.js';

const ada = '3000000000000000000000017' as UserId;
const key = Buffer.alloc(32, 7);
const phones = { own: '+37120000000', others: '+37120000001' };
const hashOf = (phone: string) => addressHash(key, { kind: 'phone', phone });
const subjectOf = (phone: string) => `addr_${hashOf(phone).slice(0, 40)}`;

describe('the consent to a message', () => {
  const sealed = (data: object) => sealText(key, demo, ada, JSON.stringify(data));

  /** @param words of subjects. @param named in the request beside the account. */
  const learned = async (
    words: Readonly<Record<string, { state: 'given' | 'withdrawn'; since: number }>>,
    named?: string,
  ) => {
    const addresses = named ? { phone: { kind: 'phone', phone: named } } : {};
    const one = inHand({
      sealed: sealed({ addresses }),
      recipient: {
        ...{ userId: ada, subject: ada },
        addresses: named ? { phone: hashOf(named) } : {},
      },
    });
    const tables = {
      position: () => Promise.resolve(9n),
      suppressions: () => Promise.resolve(new Map()),
      sentTo: () => Promise.resolve(new Map()),
      consents: (_tenant: string, asked: readonly Parameters<typeof consentKey>[0][]) =>
        Promise.resolve(
          new Map(
            asked.flatMap((each) => {
              const word = words[each.subject];
              return word ? [[consentKey(each), word] as const] : [];
            }),
          ),
        ),
    } as unknown as QueueTables;
    const persons: Persons = {
      keys: () => Promise.resolve(new Map([[ada, key]])),
      indexKey: () => Promise.resolve(key),
      accounts: () =>
        Promise.resolve(
          new Map([[ada, { person: sealed({ phone: phones.own }), language: null }]]),
        ),
      accountsPosition: () => Promise.resolve(9n),
    };
    const ports = { tables, persons, now: () => noon };
    const known = await learn(ports, demo, 'marketing', 'sms', outreachRulesDefault, [one]);
    return { state: known.consent(one)?.state ?? null, ends: known.endedBy(one) };
  };
  const given = { state: 'given', since: 1 } as const;
  const withdrawn = { state: 'withdrawn', since: 2 } as const;

  it('ends where the address was told to be left alone, also for the account', async () => {
    for (const named of [undefined, phones.own]) {
      const told = await learned({ [ada]: given, [subjectOf(phones.own)]: withdrawn }, named);
      expect(told).to.deep.equal({ state: 'withdrawn', ends: [subjectOf(phones.own), ada] });
    }
    const back = { [ada]: withdrawn, [subjectOf(phones.own)]: given };
    expect((await learned(back)).state).to.equal('withdrawn');
  });

  it("of an account is for its own addresses, and nobody else's", async () => {
    expect((await learned({ [ada]: given }, phones.own)).state).to.equal('given');
    const ends = [subjectOf(phones.others)];
    expect(await learned({ [ada]: given }, phones.others)).to.deep.equal({ state: null, ends });
    const stranger = { [ada]: { ...given, since: 9 }, [subjectOf(phones.others)]: withdrawn };
    expect((await learned(stranger, phones.others)).state).to.equal('withdrawn');
    const agreed = { [subjectOf(phones.others)]: given };
    expect((await learned(agreed, phones.others)).state).to.equal('given');
  });
});
