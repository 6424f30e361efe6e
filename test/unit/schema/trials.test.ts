/** Trials of schemas as they run in a process: how many, and of whom. */
import { expect } from 'chai';
import { createReveal } from '../../../commands/publication/reveal.js';
import { createSchemaTrials, type SchemaTrials } from '../../../commands/schema/trials.js';
import { createTopic } from '../../../commands/topic/createTopic.js';
import type { PartnerId, TopicId } from '../../../domain/ids.js';
import { bank, dealer, type Dealership, openDealership } from '../exchange/dealership.js';

describe('trials of schemas', () => {
  let world: Dealership;
  let trials: SchemaTrials;
  let letRead: () => void;

  beforeEach(async () => {
    world = await openDealership();
    const reading = new Promise<void>((resolve) => (letRead = resolve));
    trials = createSchemaTrials({
      handler: world.handler,
      log: { read: () => reading.then(() => []) },
      reveal: createReveal(world.keys),
      lastPlace: async () => 10,
      now: () => world.clock.now,
      onFailed: (_trial, error) => {
        throw error;
      },
    });
  });
  afterEach(async () => {
    letRead();
    await trials.stop();
  });

  const open = async (topicId: string, owner: PartnerId): Promise<void> => {
    const about = { name: topicId, description: '', classification: 'open' as const };
    const input = { topicId: topicId as TopicId, owner, ...about };
    await world.handler.handle(createTopic, input, world.context());
  };
  const start = (topicId: string) =>
    trials.start(
      {
        topicId: topicId as TopicId,
        ...{ schema: '{"type":"object"}', compatibility: 'backward', last: 100, preview: true },
      },
      world.context(),
    );

  it('run for one partner twice at a time, so that there is room for others', async () => {
    for (const topicId of ['topic_a', 'topic_b', 'topic_c']) await open(topicId, dealer);
    for (const topicId of ['topic_d', 'topic_e', 'topic_f']) await open(topicId, bank);
    expect([start('topic_a')?.state, start('topic_b')?.state]).to.deep.equal([
      'running',
      'running',
    ]);
    expect(start('topic_c')).to.equal(null);
    expect([start('topic_d')?.state, start('topic_e')?.state]).to.deep.equal([
      'running',
      'running',
    ]);
    expect(start('topic_f')).to.equal(null);
  });

  it('make room when they end, are cancelled, or come to a verdict', async () => {
    for (const topicId of ['topic_a', 'topic_b', 'topic_c']) await open(topicId, dealer);
    const [first] = [start('topic_a'), start('topic_b')];
    trials.cancel(first?.trialId ?? '');
    letRead();
    const settled = await trials.settled(first?.trialId ?? '', 1_000);
    expect(settled).to.include({ state: 'cancelled', finishedAt: world.clock.now });
    const last = start('topic_c');
    expect((await trials.settled(last?.trialId ?? '', 1_000))?.state).to.equal('fits');
    expect(trials.list(world.context().tenant, 'topic_c' as TopicId)).to.have.length(1);
  });
});
