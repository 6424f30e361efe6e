/** Searches among attempts, judged by going through what was recorded one by one. */
import { expect } from 'chai';
import type { Document } from 'mongodb';
import type { Attempt } from '../../../domain/delivery/events.js';
import type { SubscriptionId } from '../../../domain/ids.js';
import { attempts } from '../../../projections/attempts/attempts.js';
import {
  type AttemptSearch,
  findOf,
  searchAttempts,
} from '../../../projections/attempts/search.js';
import { type Connected, connect } from '../mongo/server.js';
import { begun, demo, type Filled, fillDocuments, minute } from './filled.js';

const bank = 'sub_bank' as SubscriptionId;
const insurer = 'sub_insurer' as SubscriptionId;

const outcomes = ['delivered', 'retry', 'failed'] as const;
const attemptOf = (n: number): Attempt => {
  const outcome = outcomes[n % 3] ?? 'delivered';
  return {
    webhookId: `msg_${String(n % 20).padStart(22, '0')}`,
    places: [n % 20],
    ids: [`choice-${n % 20}`],
    attempt: 1 + Math.floor(n / 20),
    cause: n < 20 ? 'first' : 'retry',
    // Two begin at each time.
    startedAt: begun + Math.floor(n / 2) * minute,
    ms: n,
    outcome,
    ...(outcome === 'delivered' ? { status: 204 } : {}),
    ...(outcome === 'retry'
      ? { status: 502, error: { code: 'status' as const, text: 'It answered 502.' } }
      : {}),
    ...(outcome === 'failed'
      ? { error: { code: 'timeout' as const, text: 'No answer within 15 s.' } }
      : {}),
    request: { url: 'https://bank.example/hooks', headers: ['webhook-id'], bytes: 100 },
    ...(outcome === 'retry'
      ? { response: { headers: {}, body: `<h1>Bad Gateway</h1> upstream${n % 4}` } }
      : {}),
  };
};
const all = Array.from({ length: 60 }, (_, n) => n);

describe('searching attempts', () => {
  let connected: Connected;
  let filled: Filled;
  before(async () => {
    connected = await connect();
    filled = fillDocuments(connected.db, [attempts]);
    await filled.attempted(insurer, { attempts: [attemptOf(0), attemptOf(1)] });
    for (const at of [0, 20]) {
      await filled.attempted(bank, { attempts: all.slice(at, at + 20).map(attemptOf) });
    }
    const last = await filled.attempted(bank, { attempts: all.slice(40).map(attemptOf) });
    await filled.until('attempts', last);
  });
  after(async () => {
    await filled?.stop();
    await connected?.close();
  });
  const question = (asked: Partial<AttemptSearch>): AttemptSearch => ({
    ...{ tenant: demo, subscriptions: [bank], limit: 1_000, deadlineMs: 5_000 },
    ...asked,
  });
  const found = async (asked: Partial<AttemptSearch>) =>
    (await searchAttempts(connected.db, question(asked))).rows.map(({ ms }) => ms);
  const latestFirst = (holds: (attempt: Attempt) => boolean) =>
    all.filter((n) => holds(attemptOf(n))).reverse();

  it('answers with the attempt as it was recorded', async () => {
    const { rows } = await searchAttempts(connected.db, question({ limit: 1 }));
    expect(rows).to.deep.equal([{ ...attemptOf(59), subscriptionId: bank }]);
  });

  const cases: readonly (readonly [Partial<AttemptSearch>, (attempt: Attempt) => boolean])[] = [
    [{}, () => true],
    [{ outcome: 'failed' }, ({ outcome }) => outcome === 'failed'],
    [{ status: 502 }, ({ status }) => status === 502],
    [{ error: 'timeout' }, ({ error }) => error?.code === 'timeout'],
    [{ cause: 'first' }, ({ cause }) => cause === 'first'],
    [{ webhookId: attemptOf(7).webhookId }, ({ places }) => places[0] === 7],
    [
      { place: 7, outcome: 'retry' },
      ({ places, outcome }) => places[0] === 7 && outcome === 'retry',
    ],
    [{ eventId: 'choice-3' }, ({ ids }) => ids[0] === 'choice-3'],
    [
      { text: 'gateway upstream1' },
      ({ response }) => response?.body?.endsWith('upstream1') ?? false,
    ],
    [{ text: 'timeout' }, ({ error }) => error?.code === 'timeout'],
    [
      { from: begun + 3 * minute, to: begun + 5 * minute },
      ({ startedAt }) => startedAt >= begun + 3 * minute && startedAt <= begun + 5 * minute,
    ],
  ];
  for (const [asked, holds] of cases) {
    it(`finds by ${JSON.stringify(asked)}`, async () => {
      expect(await found(asked)).to.deep.equal(latestFirst(holds));
    });
  }

  it('finds those of several subscriptions, and none of another', async () => {
    expect(await found({ subscriptions: [insurer] })).to.deep.equal([1, 0]);
    expect(await found({ subscriptions: [bank, insurer] })).to.have.length(62);
    expect(await found({ subscriptions: [] })).to.deep.equal([]);
  });

  it('pages through attempts of the same time, each once', async () => {
    const seen: number[] = [];
    let after: string | undefined;
    do {
      const asked = question({ limit: 7, ...(after === undefined ? {} : { after }) });
      const { rows, next } = await searchAttempts(connected.db, asked);
      seen.push(...rows.map(({ ms }) => ms));
      after = next ?? undefined;
    } while (after !== undefined);
    expect(seen).to.deep.equal([...all].reverse());
  });

  it('pages through those of several subscriptions, each once, also at the same time and number', async () => {
    const twins = ['sub_one', 'sub_two', 'sub_three'] as SubscriptionId[];
    let last = 0n;
    for (const twin of twins) {
      last = await filled.attempted(twin, { attempts: all.slice(0, 5).map(attemptOf) });
    }
    await filled.until('attempts', last);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const asked = question({
        ...{ subscriptions: twins, limit: 2 },
        ...(after === undefined ? {} : { after }),
      });
      const { rows, next } = await searchAttempts(connected.db, asked);
      seen.push(...rows.map(({ subscriptionId, ms }) => `${subscriptionId} ${ms}`));
      after = next ?? undefined;
    } while (after !== undefined);
    expect(seen).to.have.length(15);
    expect(new Set(seen).size).to.equal(15);
  });

  const stagesOf = (stage: Document | undefined): Document[] =>
    stage ? [stage, ...stagesOf(stage['inputStage'] as Document | undefined)] : [];
  for (const [asked, index] of [
    [{}, 'time'],
    [{ outcome: 'failed' }, 'outcome'],
    [{ status: 502 }, 'status'],
    [{ webhookId: attemptOf(7).webhookId }, 'webhook'],
    [{ text: 'upstream1' }, 'words'],
  ] as const) {
    it(`is carried by the index ${index}: ${JSON.stringify(asked)}`, async () => {
      const { filter, sort, limit } = findOf(question({ limit: 4, ...asked }));
      const explained = await connected.db
        .collection('attempts_v1')
        .find(filter as Document)
        .sort({ ...sort })
        .limit(limit)
        .explain('executionStats');
      const stages = stagesOf(explained['queryPlanner'].winningPlan as Document | undefined);
      expect(stages.find(({ stage }) => stage === 'IXSCAN')?.['indexName']).to.equal(index);
      expect(stages.some(({ stage }) => stage === 'SORT')).to.equal(false);
      expect(explained['executionStats'].totalDocsExamined).to.be.at.most(limit);
    });
  }
});
