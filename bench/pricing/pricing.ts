/**
 * The decision by itself, on one core and without any I/O: one quote of 30 lines under 200 active campaigns, how it grows with
 * lines and with campaigns, and how many receipts json-rules-engine judges by the same conditions.
 */
import { performance } from 'node:perf_hooks';
import { compileCampaigns, type CampaignSet } from '../../domain/pricing/campaignSet.js';
import { price } from '../../domain/pricing/price.js';
import type { PricedReceipt } from '../../domain/pricing/priced.js';
import type { Bench } from '../bench.js';
import { type Sample, type Statistics, summarise } from '../load/latencies.js';
import { figure, milliseconds, ratio, type Table } from '../table.js';
import { factsFor, loadRulesEngine, type RulesEngine, rulesFor } from './rulesEngine.js';
import { campaignsOf, foreignCampaigns, programmeRule, type Sale, sales } from './shop.js';

const receipts = 200;
const linesUsual = 30;
const campaignsUsual = 200;

const quote = ({ receipt, customer }: Sale, campaigns: CampaignSet): PricedReceipt =>
  price({
    receipt,
    customer,
    campaigns,
    rule: programmeRule,
    redeemPoints: 10_000,
    tooManyPoints: 'limit',
  });

const mean = (given: readonly Sale[], figureOf: (sale: Sale) => number): number =>
  given.reduce((sum, sale) => sum + figureOf(sale), 0) / given.length;

type Once = (sale: Sale) => unknown;

interface Measured extends Statistics {
  /** Of one receipt, microseconds of the whole process: what another process takes of the machine is not in it. */
  readonly processorUs: number;
}

const runFor = async (
  given: readonly Sale[],
  seconds: number,
  once: Once,
  latencies: number[],
): Promise<number> => {
  const started = performance.now();
  const until = started + seconds * 1_000;
  for (let index = 0; performance.now() < until; index += 1) {
    const before = performance.now();
    const result = once(given[index % given.length] as Sale);
    if (result instanceof Promise) await result;
    latencies.push((performance.now() - before) * 1_000);
  }
  return (performance.now() - started) / 1_000;
};

const rounds = 6;

/** Each in turn, several times over, so that whatever else the machine does meets all of them; warmed up before. */
const measureAll = async (
  given: readonly Sale[],
  seconds: number,
  contenders: readonly Once[],
): Promise<Measured[]> => {
  for (const once of contenders) await runFor(given, seconds / 2, once, []);
  const samples = contenders.map((): Sample[] => []);
  const processorUs = contenders.map(() => 0);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, once] of contenders.entries()) {
      const latencies: number[] = [];
      const before = process.cpuUsage();
      const taken = await runFor(given, seconds / rounds, once, latencies);
      const { user, system } = process.cpuUsage(before);
      processorUs[index] = (processorUs[index] as number) + user + system;
      samples[index]?.push({
        latenciesUs: Uint32Array.from(latencies, Math.round),
        seconds: taken,
        statuses: { 200: latencies.length },
      });
    }
  }
  return samples.map((own, index) => {
    const statistics = summarise(own);
    return { ...statistics, processorUs: (processorUs[index] as number) / statistics.requests };
  });
};

/** Campaigns whose conditions held, whatever their group said then. */
const held = ({ applied, refused }: PricedReceipt): string[] =>
  [
    ...applied.map(({ campaignId }) => campaignId),
    ...refused.flatMap(({ campaignId, code }) =>
      code === 'condition-not-met' ? [] : [campaignId],
    ),
  ].sort();

/** A rival that finds other campaigns would be measured at another job. */
const assertSameFound = async (
  engine: RulesEngine,
  given: readonly Sale[],
  campaigns: CampaignSet,
): Promise<void> => {
  for (const [index, sale] of given.entries()) {
    const { events } = await engine.run(factsFor(sale));
    const theirs = events.map(({ type }) => type).sort();
    const ours = held(quote(sale, campaigns));
    if (theirs.join() !== ours.join()) {
      throw new Error(`Receipt ${index}: ${ours.join()} held here, ${theirs.join()} there.`);
    }
  }
};

const row = (name: string, { perSecond, processorUs, p50Ms, p95Ms, p99Ms }: Measured): string[] => [
  name,
  figure(perSecond),
  figure(processorUs),
  ...[p50Ms, p95Ms, p99Ms].map(milliseconds),
];

const run: Bench['run'] = async (options) => {
  const { quick, say } = options;
  const seconds = options.seconds ?? (quick ? 0.2 : 3);
  const short = Math.min(seconds, quick ? 0.1 : 1);
  const usual = sales(receipts, linesUsual);
  const campaigns = campaignsOf(campaignsUsual);
  const set = compileCampaigns(campaigns);
  // No quote is kept, here as at a till: where many are, V8 comes to expect it and puts all that follow among the old objects.
  const holding = mean(usual, (sale) => held(quote(sale, set)).length);
  const applying = mean(usual, (sale) => quote(sale, set).applied.length);

  const rival = await loadRulesEngine();
  const engine = rival && rulesFor(rival, campaigns);
  if (engine) await assertSameFound(engine, usual, set);
  const contenders: Once[] = [(sale) => quote(sale, set)];
  if (engine) contenders.push((sale) => engine.run(factsFor(sale)));
  const [own, rules] = (await measureAll(usual, seconds, contenders)) as [Measured, Measured?];
  say(`quote of ${linesUsual} lines under ${campaignsUsual} campaigns: ${own.p50Ms.toFixed(3)} ms`);

  const grow = async (name: string, given: readonly Sale[], grown: CampaignSet) => {
    const [statistics] = (await measureAll(given, short, [(sale) => quote(sale, grown)])) as [
      Measured,
    ];
    const applied = mean(given, (sale) => quote(sale, grown).applied.length);
    say(`${name}: ${statistics.p50Ms.toFixed(3)} ms`);
    return { name, applied, ...statistics };
  };
  const byLines = [];
  for (const lines of [10, 30, 100, 300]) {
    byLines.push(await grow(`${lines} lines`, sales(receipts, lines), set));
  }
  const byMatching = [];
  for (const count of [100, 200, 400, 800]) {
    const grown = compileCampaigns(campaignsOf(count));
    byMatching.push(await grow(`${count} campaigns of the same kinds`, usual, grown));
  }
  const byForeign = [];
  for (const count of [0, 1_000, 10_000]) {
    const grown = compileCampaigns([...campaigns, ...foreignCampaigns(count)]);
    byForeign.push(await grow(`${count} more that cannot match`, usual, grown));
  }

  const notes = [
    `Of the ${campaignsUsual} campaigns the conditions of ${holding.toFixed(1)} hold for a receipt and ${applying.toFixed(1)} give something.`,
  ];
  const comparison = [row('price(): the whole quote', own)];
  if (rules) {
    comparison.push(row('json-rules-engine: the conditions alone', rules));
    notes.push(
      `The whole quote runs at ${ratio(own.perSecond / rules.perSecond)} × the rate at which json-rules-engine judges the same conditions (${ratio(rules.processorUs / own.processorUs)} × by processor time, ${ratio(rules.p50Ms / own.p50Ms)} × by the median); both find the same campaigns.`,
    );
  } else {
    notes.push('json-rules-engine is not installed: nothing to compare with.');
  }

  const growth = (
    title: string,
    grown: readonly (Measured & { name: string; applied: number })[],
  ): Table => ({
    title,
    head: ['', 'applied', 'quotes/s', 'processor us', 'p50 ms', 'p99 ms'],
    rows: grown.map(({ name, applied, perSecond, processorUs, p50Ms, p99Ms }) => [
      name,
      figure(applied),
      figure(perSecond),
      figure(processorUs),
      p50Ms.toFixed(3),
      p99Ms.toFixed(3),
    ]),
  });
  return {
    tables: [
      {
        title: `${linesUsual} lines, ${campaignsUsual} campaigns, one core`,
        head: ['', 'receipts/s', 'processor us', 'p50 ms', 'p95 ms', 'p99 ms'],
        rows: comparison,
      },
      growth('More lines', byLines),
      growth('More campaigns that can match', byMatching),
      growth('More campaigns that cannot', byForeign),
    ],
    figures: {
      seconds,
      holding,
      applying,
      own,
      rules: rules ?? null,
      byLines,
      byMatching,
      byForeign,
    },
    notes,
  };
};

export const pricing: Bench = {
  name: 'pricing',
  summary: 'one quote of 30 lines under 200 campaigns; growth; json-rules-engine beside it',
  run,
};
