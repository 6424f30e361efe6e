import { expect } from 'chai';
import type { TemplateId, UserId } from '../../../../domain/ids.js';
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
        return Promise.resolve(new Map(text ? [[ada, { person: text, language: null }]] : []));
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

describe('the language of an account', () => {
  const ada = 'ada' as UserId;
  const key = Buffer.alloc(32, 7);
  const nobody = Promise.resolve(new Map());
  const tables = {
    position: () => Promise.resolve(9n),
    ...{ suppressions: () => nobody, consents: () => nobody, sentTo: () => nobody },
  } as unknown as QueueTables;
  const template = { templateId: 'hello' as TemplateId, version: 1 };
  const naming = { phone: { kind: 'phone', phone: '+37120000000' } };
  /** @param language of the account; undefined: there is no such account. */
  const learned = async (
    language: string | null | undefined,
    { own, named }: { readonly own?: true; readonly named?: true },
  ) => {
    let looks = 0;
    const account = language === undefined ? [] : [[ada, { person: '', language }] as const];
    const persons: Persons = {
      keys: () => Promise.resolve(new Map([[ada, key]])),
      indexKey: () => Promise.resolve(key),
      accounts: () => Promise.resolve(new Map((looks += 1) > 0 ? account : [])),
      accountsPosition: () => Promise.resolve(6n),
    };
    const one: Loaded = {
      ...inHand({
        ...{ class: 'otp', template: own ? null : template },
        sealed: sealText(key, demo, ada, JSON.stringify({ addresses: named ? naming : {} })),
        recipient: { userId: ada, subject: ada, addresses: {} },
      }),
      position: 7n,
    };
    const ports = { tables, persons, now: () => noon };
    const known = await learn(ports, demo, 'otp', 'sms', outreachRulesDefault, [one]);
    return { language: known.language(one), looks, isTooEarly: known.isTooEarly(one) };
  };

  it('is known of who told nothing else, beside the addresses or alone', async () => {
    expect(await learned('de-AT', {})).to.include({ language: 'de-AT', looks: 1 });
    expect(await learned('de-AT', { named: true })).to.include({ language: 'de-AT', looks: 1 });
    expect(await learned(null, { named: true })).to.include({ language: null });
  });

  it('is not waited for, and is asked for where a template speaks only', async () => {
    expect(await learned(undefined, { named: true })).to.deep.equal({
      ...{ language: null, looks: 1, isTooEarly: false },
    });
    expect(await learned(undefined, {})).to.deep.equal({
      ...{ language: null, looks: 2, isTooEarly: true },
    });
    expect(await learned('de-AT', { own: true, named: true })).to.include({
      ...{ language: null, looks: 0 },
    });
  });
});
