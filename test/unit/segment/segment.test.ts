import { expect } from 'chai';
import fc from 'fast-check';
import type { UserId } from '../../../domain/ids.js';
import {
  changeMembers,
  defineSegment,
  type MemberChanges,
  recordRefresh,
  redefineSegment,
  retireSegment,
} from '../../../domain/segment/decide.js';
import type { SegmentDefinition, SegmentId } from '../../../domain/segment/definition.js';
import { segment, type SegmentEvent } from '../../../domain/segment/segment.js';
import { specification } from '../registry/spec.js';

const given = specification(segment);
const [ann, bob, cid] = ['1', '2', '3'].map((digit) => digit.repeat(25)) as [
  UserId,
  UserId,
  UserId,
];
const list = {
  segmentId: 'vips' as SegmentId,
  name: 'VIPs',
  definition: { kind: 'static' } as SegmentDefinition,
};
const spenders = {
  ...list,
  definition: { kind: 'dynamic', when: { kind: 'spent', min: 100 } } as SegmentDefinition,
};
const rfm = { ...list, definition: { kind: 'analytic', by: 'rfm' } as SegmentDefinition };
const defined = (as: typeof list): SegmentEvent => ({ type: 'SegmentDefined', data: as });
const added = (userIds: UserId[], members: number): SegmentEvent => ({
  type: 'SegmentMembersAdded',
  data: { userIds, members },
});
const retired: SegmentEvent = { type: 'SegmentRetired', data: { reason: 'over' } };
const nobody = () => undefined;
const membersOf =
  (...members: UserId[]) =>
  (userId: UserId) =>
    members.includes(userId) ? null : undefined;
const change = (changes: Partial<MemberChanges>): MemberChanges => ({
  add: [],
  remove: [],
  version: null,
  ...changes,
});

describe('a segment', () => {
  it('is defined once, and not overwritten', () => {
    given()
      .when((state) => defineSegment(list, state))
      .then(defined(list));
    given(defined(list))
      .when((state) => defineSegment(list, state))
      .thenNothing();
    given(defined(list))
      .when((state) => defineSegment(spenders, state))
      .thenRejected('already-registered');
  });

  it('is redefined as a new version of the same kind', () => {
    const dearer = {
      name: 'Big spenders',
      definition: { kind: 'dynamic', when: { kind: 'spent', min: 500 } } as SegmentDefinition,
    };
    const redefined: SegmentEvent = { type: 'SegmentRedefined', data: { version: 2, ...dearer } };
    given(defined(spenders))
      .when((state) => redefineSegment(dearer, state))
      .then(redefined);
    given(defined(spenders), redefined)
      .when((state) => redefineSegment(dearer, state))
      .thenNothing();
    given(defined(list))
      .when((state) => redefineSegment(dearer, state))
      .thenRejected('segment-kind');
    given()
      .when((state) => redefineSegment(dearer, state))
      .thenRejected('segment-not-found');
  });

  it('takes in only who is not in it, each once, and says how many are', () => {
    const changes = change({ add: [{ userId: ann }, { userId: bob }, { userId: bob }] });
    given(defined(list), added([ann], 1))
      .when((state) => changeMembers(changes, state, membersOf(ann)))
      .then(added([bob], 2));
    given(defined(list), added([ann], 1))
      .when((state) => changeMembers(change({ add: [{ userId: ann }] }), state, membersOf(ann)))
      .thenNothing();
  });

  it('lets go only who is in it, and keeps who is both to go and to come', () => {
    const changes = change({ add: [{ userId: ann }], remove: [ann, bob, cid] });
    given(defined(list), added([ann, bob], 2))
      .when((state) => changeMembers(changes, state, membersOf(ann, bob)))
      .then({ type: 'SegmentMembersRemoved', data: { userIds: [bob], members: 1 } });
  });

  it('has members that are computed changed by its own definition only', () => {
    const byHand = change({ add: [{ userId: ann }] });
    given(defined(spenders))
      .when((state) => changeMembers(byHand, state, nobody))
      .thenRejected('segment-computed');
    given(defined(spenders))
      .when((state) => changeMembers({ ...byHand, version: 2 }, state, nobody))
      .thenRejected('segment-changed');
    given(defined(spenders))
      .when((state) => changeMembers({ ...byHand, version: 1 }, state, nobody))
      .then(added([ann], 1));
  });

  it('moves members of an analysis from cell to cell', () => {
    const add = [
      { userId: ann, cell: '5_5_5' },
      { userId: bob, cell: '1_2_3' },
      { userId: cid, cell: '4_4_4' },
    ];
    const cells = (userId: UserId) =>
      userId === ann ? '5_5_5' : userId === bob ? '2_2_2' : undefined;
    const before: SegmentEvent = {
      type: 'SegmentMembersAdded',
      data: { userIds: [ann, bob], cells: ['5_5_5', '2_2_2'], members: 2 },
    };
    given(defined(rfm), before)
      .when((state) => changeMembers(change({ add, version: 1 }), state, cells))
      .then(
        {
          type: 'SegmentMembersAdded',
          data: { userIds: [cid], cells: ['4_4_4'], members: 3 },
        },
        { type: 'SegmentMembersMoved', data: { userIds: [bob], cells: ['1_2_3'], members: 3 } },
      );
  });

  it('records a refresh with all that changed since the one before, and none that changed nothing', () => {
    const removed: SegmentEvent = {
      type: 'SegmentMembersRemoved',
      data: { userIds: [ann], members: 1 },
    };
    const refreshed: SegmentEvent = {
      type: 'SegmentRefreshed',
      data: { version: 1, asOf: 5, members: 1, added: 2, moved: 0, removed: 1 },
    };
    given(defined(spenders), added([ann, bob], 2), removed)
      .when((state) => recordRefresh({ version: 1, asOf: 5 }, state))
      .then(refreshed);
    given(defined(spenders), added([ann, bob], 2), removed, refreshed)
      .when((state) => recordRefresh({ version: 1, asOf: 6 }, state))
      .thenNothing();
    given(defined(spenders))
      .when((state) => recordRefresh({ version: 1, asOf: 5 }, state))
      .then({
        type: 'SegmentRefreshed',
        data: { version: 1, asOf: 5, members: 0, added: 0, moved: 0, removed: 0 },
      });
    given(defined(spenders))
      .when((state) => recordRefresh({ version: 3, asOf: 5 }, state))
      .thenRejected('segment-changed');
  });

  it('is retired once and for all', () => {
    given(defined(list))
      .when((state) => retireSegment({ reason: 'over' }, state))
      .then(retired);
    given(defined(list), retired)
      .when((state) => retireSegment({ reason: 'again' }, state))
      .thenNothing();
    given(defined(list), retired)
      .when((state) => defineSegment(list, state))
      .thenRejected('segment-retired');
    given(defined(list), retired)
      .when((state) => changeMembers(change({ add: [{ userId: ann }] }), state, nobody))
      .thenRejected('segment-retired');
  });

  it('has exactly the members that its changes say, whatever is sent and however often', () => {
    const user = fc.constantFrom(ann, bob, cid);
    const sent = fc.record({ add: fc.array(user), remove: fc.array(user) });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 12 }), (all) => {
        const members = new Set<UserId>();
        let state = segment.evolve(segment.initial(), {
          ...defined(list),
          revision: 0,
          occurredAt: 0,
        } as never);
        let revision = 0;
        for (const { add, remove } of all.flatMap((one) => [one, one])) {
          const wanted = new Set(members);
          for (const userId of remove) if (!add.includes(userId)) wanted.delete(userId);
          for (const userId of add) wanted.add(userId);
          const command = change({ add: add.map((userId) => ({ userId })), remove });
          for (const event of changeMembers(command, state, membersOf(...members))) {
            revision += 1;
            state = segment.evolve(state, { ...event, revision, occurredAt: 0 });
            if (event.type === 'SegmentMembersAdded')
              for (const userId of event.data.userIds) members.add(userId);
            if (event.type === 'SegmentMembersRemoved')
              for (const userId of event.data.userIds) members.delete(userId);
          }
          expect([...members].sort()).to.deep.equal([...wanted].sort());
          expect(state).to.include({ members: members.size, revision });
        }
      }),
    );
  });
});
