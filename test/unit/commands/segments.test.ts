import { expect } from 'chai';
import fc from 'fast-check';
import { createSegments } from '../../../commands/segments.js';
import { createUserTable } from '../../../commands/userTable.js';
import type { Fact } from '../../../domain/fact.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { TenantId, UserId } from '../../../domain/ids.js';
import type { SegmentId } from '../../../domain/segment/definition.js';
import { segmentStream } from '../../../domain/segment/segment.js';

const demo = 'demo' as TenantId;
const other = 'other' as TenantId;
const user = (n: number): UserId => gsrn('8018000010', BigInt(n));

const filled = () => {
  const segments = createSegments();
  const revisions = new Map<string, number>();
  const put = (segmentId: string, type: string, data: object, tenant = demo): void => {
    const stream = segmentStream(tenant, segmentId as SegmentId);
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    segments.apply({ type, data, stream, revision, metadata: { tenant } } as unknown as Fact);
  };
  const define = (segmentId: string, definition: object, tenant = demo): void =>
    put(segmentId, 'SegmentDefined', { segmentId, name: segmentId, definition }, tenant);
  return { segments, put, define };
};

describe('the segments in memory', () => {
  it('name the segments that a customer is in, of their own programme alone', () => {
    const { segments, put, define } = filled();
    define('vips', { kind: 'static' });
    define('locals', { kind: 'static' });
    define('vips', { kind: 'static' }, other);
    put('vips', 'SegmentMembersAdded', { userIds: [user(1), user(2)], members: 2 });
    put('locals', 'SegmentMembersAdded', { userIds: [user(2)], members: 1 });
    expect(segments.of(demo, user(1))).to.deep.equal(['vips']);
    expect(segments.of(demo, user(2))).to.deep.equal(['vips', 'locals']);
    expect(segments.of(demo, user(3))).to.deep.equal([]);
    expect(segments.of(other, user(1))).to.deep.equal([]);
    expect(segments.of('nosuch' as TenantId, user(1))).to.deep.equal([]);
    put('vips', 'SegmentMembersRemoved', { userIds: [user(2)], members: 1 });
    expect(segments.of(demo, user(2))).to.deep.equal(['locals']);
    expect(segments.counts().memberships).to.equal(2);
  });

  it('give the same array until something changes: the hot path makes none', () => {
    const { segments, put, define } = filled();
    define('vips', { kind: 'static' });
    put('vips', 'SegmentMembersAdded', { userIds: [user(1), user(2)], members: 2 });
    expect(segments.of(demo, user(1))).to.equal(segments.of(demo, user(2)));
  });

  it('name cell and group of an analysis, follow moves and new definitions, and forget what is retired', () => {
    const { segments, put, define } = filled();
    const rfm = 'rfm' as SegmentId;
    define('rfm', { kind: 'analytic', by: 'rfm' });
    put('rfm', 'SegmentMembersAdded', { userIds: [user(1)], cells: ['5_5_5'], members: 1 });
    expect(segments.of(demo, user(1))).to.deep.equal(['rfm', 'rfm_5_5_5', 'rfm_champions']);
    put('rfm', 'SegmentMembersMoved', { userIds: [user(1)], cells: ['1_4_1'], members: 1 });
    expect(segments.of(demo, user(1))).to.deep.equal(['rfm', 'rfm_1_4_1', 'rfm_at_risk']);
    expect(segments.cellOf(demo, rfm, user(1))).to.equal('1_4_1');
    expect(segments.cellOf(demo, rfm, user(2))).to.equal(undefined);
    const groups = [{ name: 'sleepers', recency: [1, 1] }];
    put('rfm', 'SegmentRedefined', {
      version: 2,
      name: 'RFM',
      definition: { kind: 'analytic', by: 'rfm', groups },
    });
    expect(segments.of(demo, user(1))).to.deep.equal(['rfm', 'rfm_1_4_1', 'rfm_sleepers']);
    expect(segments.get(demo, rfm)).to.include({ version: 2, revision: 3, members: 1 });
    put('rfm', 'SegmentRetired', { reason: 'over' });
    expect(segments.of(demo, user(1))).to.deep.equal([]);
    expect(segments.counts().memberships).to.equal(0);
  });

  it('take up to 60 bytes a customer, of as many segments as they are in', () => {
    const { segments, put, define } = filled();
    const customers = 20_000;
    for (const id of ['first', 'second', 'third']) {
      define(id, { kind: 'static' });
      for (let n = 0; n < customers; n += 1_000) {
        const userIds = Array.from({ length: 1_000 }, (_, i) => user(n + i));
        put(id, 'SegmentMembersAdded', { userIds, members: n + 1_000 });
      }
    }
    const { memberships, bytes } = segments.counts();
    expect(memberships).to.equal(3 * customers);
    expect(bytes / customers).to.be.within(20, 60);
    expect(segments.of(demo, user(12_345))).to.deep.equal(['first', 'second', 'third']);
  });

  it('keep a number for each customer as a Map does, through growth and departures', () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1_500, maxLength: 4_000 }), (changes) => {
        const table = createUserTable();
        const model = new Map<UserId, number>();
        for (const [n, value] of changes) {
          table.set(user(n * 7_919), value);
          model.set(user(n * 7_919), value);
        }
        for (const [userId, value] of model) expect(table.get(userId)).to.equal(value);
        expect(table.get(user(1))).to.equal(0);
      }),
      { numRuns: 10 },
    );
  });
});
