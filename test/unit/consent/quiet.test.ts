import { expect } from 'chai';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { isQuiet, quietUntil } from '../../../domain/consent/quiet.js';
import type { QuietHours } from '../../../domain/consent/rules.js';

const at = (time: string): number => Date.parse(time);
const until = (hours: QuietHours, time: string, zone: string): string | null => {
  const found = quietUntil(hours, at(time), zone);
  return found === null ? null : new Date(found).toISOString().replace(':00.000', '');
};
const night = { from: '21:00', to: '09:00' };
const noon = { from: '12:00', to: '13:30' };

describe('quiet hours', () => {
  it('are those of the clock on the wall of the recipient', () => {
    expect(until(noon, '2026-01-10T12:00:00Z', 'UTC')).to.equal('2026-01-10T13:30Z');
    expect(until(noon, '2026-01-10T13:29:59.999Z', 'UTC')).to.equal('2026-01-10T13:30Z');
    expect(until(noon, '2026-01-10T13:30:00Z', 'UTC')).to.equal(null);
    expect(until(noon, '2026-01-10T11:59:59Z', 'UTC')).to.equal(null);
    expect(until(noon, '2026-01-10T08:59:59Z', 'Europe/Moscow')).to.equal(null);
    expect(until(noon, '2026-01-10T09:15:00Z', 'Europe/Moscow')).to.equal('2026-01-10T10:30Z');
    expect(until(noon, '2026-01-10T06:20:00Z', 'Asia/Kathmandu')).to.equal('2026-01-10T07:45Z');
  });

  it('reach over midnight', () => {
    expect(until(night, '2026-01-10T23:00:00Z', 'UTC')).to.equal('2026-01-11T09:00Z');
    expect(until(night, '2026-01-11T08:59:00Z', 'UTC')).to.equal('2026-01-11T09:00Z');
    expect(until(night, '2026-01-11T09:00:00Z', 'UTC')).to.equal(null);
    expect(until(night, '2026-01-11T20:59:00Z', 'UTC')).to.equal(null);
  });

  it('follow clocks that go forward or back in the night', () => {
    // Berlin: 02:00 became 03:00 on 29 March, 03:00 became 02:00 on 25 October 2026.
    expect(until(night, '2026-03-28T21:00:00Z', 'Europe/Berlin')).to.equal('2026-03-29T07:00Z');
    expect(until(night, '2026-10-24T21:00:00Z', 'Europe/Berlin')).to.equal('2026-10-25T08:00Z');
    const leftOut = { from: '23:00', to: '02:30' };
    expect(until(leftOut, '2026-03-28T23:00:00Z', 'Europe/Berlin')).to.equal('2026-03-29T01:00Z');
    const twice = { from: '23:00', to: '02:30' };
    expect(until(twice, '2026-10-24T23:00:00Z', 'Europe/Berlin')).to.equal('2026-10-25T00:30Z');
    expect(until(twice, '2026-10-25T01:10:00Z', 'Europe/Berlin')).to.equal('2026-10-25T01:30Z');
    // Lord Howe moves by half an hour.
    expect(until(night, '2026-04-04T14:00:00Z', 'Australia/Lord_Howe')).to.equal(
      '2026-04-04T22:30Z',
    );
  });

  it('end in a minute that is all there is between them, also where clocks change', () => {
    const almostAlways = { from: '00:02', to: '00:01' };
    const change = Date.parse('2026-03-29T00:59:59Z');
    expect(quietUntil(almostAlways, change, 'Europe/Berlin')).to.equal(
      Date.parse('2026-03-29T22:01:00Z'),
    );
  });

  it('end at the first minute that another library of time zones calls loud', () => {
    const minute = fc.integer({ min: 0, max: 1_439 });
    const zone = fc.constantFrom(
      ...['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
    );
    const year = fc.integer({ min: at('2026-01-01'), max: at('2027-01-01') });
    const nearChange = fc
      .tuple(
        fc.constantFrom(...['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T05:30Z'].map(at)),
        fc.integer({ min: -50_000_000, max: 50_000_000 }),
      )
      .map(([change, off]) => change + off);
    const text = (of: number): string =>
      `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`;
    fc.assert(
      fc.property(minute, minute, zone, fc.oneof(year, nearChange), (from, to, timeZone, now) => {
        fc.pre(from !== to);
        const isLoud = (time: number): boolean => {
          const { hour, minute: past } = DateTime.fromMillis(time, { zone: timeZone });
          const of = hour * 60 + past;
          return from < to ? of < from || of >= to : of < from && of >= to;
        };
        const hours = { from: text(from), to: text(to) };
        const end = quietUntil(hours, now, timeZone);
        expect(isQuiet(hours, now, timeZone)).to.equal(!isLoud(now));
        if (end === null) return;
        expect(end % 60_000).to.equal(0);
        expect(end).to.be.greaterThan(now);
        expect(isLoud(end)).to.equal(true);
        for (let time = end - 60_000; time > now; time -= 900_000) {
          expect(isLoud(time), new Date(time).toISOString()).to.equal(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});
