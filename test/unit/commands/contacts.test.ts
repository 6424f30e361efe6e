import { expect } from 'chai';
import { normalEmail, normalPhone } from '../../../commands/contacts.js';
import { processorMsOf } from '../processorTime.js';

describe('a phone number', () => {
  it('has one spelling however it is written', () => {
    for (const [phone, country] of [
      ['+44 20 7946 0018', undefined],
      ['+44 (0)20 7946-0018', 'DE'],
      ['020 7946 0018', 'GB'],
      ['00442079460018', 'GB'],
      [' +442079460018 ', undefined],
    ] as const) {
      expect(normalPhone(phone, country), phone).to.equal('+442079460018');
    }
  });

  it('is refused where it cannot be one', () => {
    for (const [phone, country] of [
      ['020 7946 0018', undefined],
      ['020 7946 0018', 'XX'],
      ['+44 1', undefined],
      ['phone', 'GB'],
      ['', 'GB'],
    ] as const) {
      expect(() => normalPhone(phone, country), phone)
        .to.throw()
        .with.property('code', 'invalid-contact');
    }
  });
});

describe('an e-mail address', () => {
  it('has one spelling in lower case', () => {
    expect(normalEmail('  Ann.Lee+Shop@Example.COM ')).to.equal('ann.lee+shop@example.com');
    expect(normalEmail('анна@пример.рф')).to.equal('анна@пример.рф');
    expect(normalEmail("o'brien@mail.example.co.uk")).to.equal("o'brien@mail.example.co.uk");
  });

  it('is refused where it cannot be one', () => {
    const long = `${'a'.repeat(65)}@example.com`;
    for (const email of [
      'ann',
      'ann@',
      '@example.com',
      'ann@example',
      'a b@example.com',
      long,
      'ann@@example.com',
      'ann@exam ple.com',
      'ann@-example.com',
      'a..b@example.com',
      'ann@example.com.',
      'ann@10.0.0.1',
      'ann@.com',
    ]) {
      expect(() => normalEmail(email), email)
        .to.throw()
        .with.property('code', 'invalid-contact');
    }
  });

  it('is refused at once however hostile it is', () => {
    const took = processorMsOf(() => {
      expect(() => normalEmail(`a@${'a.'.repeat(100_000)}!@`)).to.throw();
      expect(() => normalEmail(`a@${'-'.repeat(100_000)}`)).to.throw();
    });
    expect(took).to.be.below(200);
  });
});
