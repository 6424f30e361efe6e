/** What a timeline says of the language that an attempt spoke. */
import { expect } from 'chai';
import { explainChange } from '../../../domain/message/explain.js';
import type { SpokenLanguage } from '../../../domain/message/language.js';
import { type Change, evolve } from '../../../domain/message/message.js';
import { idOf, inHand, noon, north, phoneHash } from '../outreach/queue/known.js';

const detailsOf = (language: SpokenLanguage | undefined, named: boolean): string => {
  const change = {
    ...{ type: 'AttemptsStarted', at: noon },
    item: {
      ...{ messageId: idOf(1), attempt: 1, step: 0, channel: 'sms', providerId: north },
      ...{ clientReference: 'r', decision: 0, address: phoneHash },
      permission: { basis: 'class', asOf: '17' },
      ...(language && { language }),
    },
  } as unknown as Change;
  const { message } = inHand();
  const telling = { decision: undefined, named };
  return explainChange(change, message, evolve(message, change), telling).details.join(' ');
};

describe('the timeline of a message, of its language', () => {
  it('says whose wish it was', () => {
    const said = (basis: SpokenLanguage['basis']) => detailsOf({ locale: 'de', basis }, true);
    expect(said('request')).to.include('Said in de, as its request asks.');
    expect(said('customer')).to.include('Said in de, which the customer prefers.');
    expect(said('template')).to.include('Said in de, the language of its template.');
    expect(said('programme')).to.include('Said in de, the language of the programme.');
    expect(detailsOf(undefined, true)).to.not.include('Said in');
  });

  it('says what the template has not, and what the customer prefers to operators alone', () => {
    const passedOver = { request: 'fr', customer: 'lv' };
    const language: SpokenLanguage = { locale: 'en', basis: 'template', passedOver };
    expect(detailsOf(language, true)).to.include(
      'Said in en, the language of its template; it says nothing in fr (asked for) or lv (preferred by the customer).',
    );
    expect(detailsOf(language, false)).to.include(
      'Said in en, the language of its template; it says nothing in fr (asked for).',
    );
  });
});
