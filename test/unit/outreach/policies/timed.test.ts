import { expect } from 'chai';
import type { UserId } from '../../../../domain/ids.js';
import {
  beginOf,
  birthdaysOn,
  dateOf,
  dayNumber,
} from '../../../../workers/outreach/policies/days.js';
import {
  createTimedPolicies,
  type ExpiringPoints,
  type PolicyReading,
} from '../../../../workers/outreach/policies/timed.js';
import { startOfTime } from '../../commands/house.js';
import { type Office, openOffice } from './office.js';

const day = 86_400_000;
const signal = new AbortController().signal;

describe('days of the calendar', () => {
  const at = (time: string) => Date.parse(time);
  it('begin at midnight of their zone, also where clocks change', () => {
    const begin = (date: string, zone: string) =>
      new Date(beginOf(at(date) / day, zone)).toISOString().replace(':00.000', '');
    expect(begin('2026-05-31', 'UTC')).to.equal('2026-05-31T00:00Z');
    expect(begin('2026-05-31', 'Europe/Moscow')).to.equal('2026-05-30T21:00Z');
    expect(begin('2026-05-31', 'Pacific/Honolulu')).to.equal('2026-05-31T10:00Z');
    expect(begin('2026-05-31', 'Pacific/Kiritimati')).to.equal('2026-05-30T10:00Z');
    expect(begin('2026-03-30', 'Europe/Berlin')).to.equal('2026-03-29T22:00Z');
    // Midnight itself was left out.
    expect(begin('2026-09-06', 'America/Santiago')).to.equal('2026-09-06T04:00Z');
    expect(dateOf(dayNumber(at('2026-05-31T21:30:00Z'), 'Europe/Moscow'))).to.equal('2026-06-01');
  });

  it('have the birthdays of the 29th of February on the 28th where there is no 29th', () => {
    const on = (date: string) => birthdaysOn(at(date) / day);
    expect(on('2026-05-31')).to.deep.equal(['--05-31']);
    expect(on('2026-02-28')).to.deep.equal(['--02-28', '--02-29']);
    expect(on('2028-02-28')).to.deep.equal(['--02-28']);
    expect(on('2028-02-29')).to.deep.equal(['--02-29']);
  });
});

describe('policies that look ahead', () => {
  let office: Office;
  let asked: Parameters<PolicyReading['expiring']>[0][];
  let expiring: ExpiringPoints[];
  let celebrating: UserId[];
  const failures: unknown[] = [];
  beforeEach(async () => {
    asked = [];
    office = await openOffice();
    expiring = [{ userId: office.userId, points: 2_500 }];
    celebrating = [office.userId];
  });
  afterEach(async () => {
    await office.close();
    expect(failures).to.deep.equal([]);
  });

  let isIndexed = true;
  const timed = () =>
    createTimedPolicies({
      ...office,
      knowsBirthdays: () => isIndexed,
      onFailed: (error) => failures.push(error),
      reading: {
        expiring: async (question) => (asked.push(question), question.after ? [] : expiring),
        celebrating: async ({ days, after }) =>
          !after && days.includes('--01-04') ? celebrating : [],
      },
    });

  it('tell once of points that expire so many days ahead', async () => {
    await office.set('soon', { kind: 'pointsExpire', daysBefore: 7, pointsMin: 100 });
    const policies = timed();
    await policies.tick(signal);
    await policies.tick(signal);
    expect(asked).to.have.length(1);
    expect(asked[0]).to.include({
      ...{ from: startOfTime + 7 * day, until: startOfTime + 8 * day, pointsMin: 100 },
    });
    expect(await office.said()).to.deep.equal([{ points: 2_500, due: '2011-01-08' }]);
    expect(office.accepted()[0]?.policy?.factId).to.equal(`${office.userId} expire 2011-01-08`);
  });

  it('do a day again that broke off, and make up for days that were missed', async () => {
    await office.set('soon', { kind: 'pointsExpire', daysBefore: 2 });
    await timed().tick(signal);
    office.kept.clear();
    await timed().tick(signal);
    expect(office.accepted()).to.have.length(1);
    expect(office.made.map(({ repeated }) => repeated)).to.deep.equal([0, 1]);
    office.pass(4 * day);
    await timed().tick(signal);
    // Of what expires today and on the next two days: of the days before nothing is left to tell.
    expect((await office.said()).map(({ due }) => due)).to.deep.equal([
      ...['2011-01-03', '2011-01-05', '2011-01-06', '2011-01-07'],
    ]);
  });

  it('tell of a birthday once a year', async () => {
    await office.set('birthdays', { kind: 'birthday', daysBefore: 3 }, { at: '09:00' });
    const policies = timed();
    await policies.tick(signal);
    office.pass(day);
    await policies.tick(signal);
    expect(await office.said()).to.deep.equal([{ day: '2011-01-04' }]);
    const [message] = office.accepted();
    expect(message?.policy?.factId).to.equal(`${office.userId} birthday 2011`);
    expect(message?.notBefore).to.equal('2011-01-01T09:00:00.000Z');
  });

  it('tell nobody of a birthday before all are known, and of that very day then', async () => {
    await office.set('birthdays', { kind: 'birthday', daysBefore: 3 });
    const policies = timed();
    isIndexed = false;
    await policies.tick(signal);
    expect(office.accepted()).to.deep.equal([]);
    isIndexed = true;
    await policies.tick(signal);
    expect(await office.said()).to.deep.equal([{ day: '2011-01-04' }]);
  });

  it('do nothing while they are disabled', async () => {
    await office.set('soon', { kind: 'pointsExpire', daysBefore: 7 }, { enabled: false });
    await timed().tick(signal);
    expect(asked).to.deep.equal([]);
  });

  it('read page after page', async () => {
    const other = '8018000010000000000000024' as UserId;
    expiring = Array.from({ length: 500 }, () => ({ userId: other, points: 1 }));
    await office.set('soon', { kind: 'pointsExpire', daysBefore: 7 });
    await timed().tick(signal);
    expect(asked.map(({ after }) => after)).to.deep.equal([null, other]);
  });
});
