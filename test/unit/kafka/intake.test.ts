/** A binding whose partitions are shared out anew: what its process counts. */
import { expect } from 'chai';
import type { BindingRecord } from '../../../commands/kafkaLinks.js';
import type { BindingId, PartnerId, TenantId, TopicId } from '../../../domain/ids.js';
import { runIntake } from '../../../workers/kafka/in/intake.js';
import type { FoundBatch, Intake } from '../../../workers/kafka/port.js';
import { createReporter } from '../../../workers/kafka/state.js';

const tenant = 'demo' as TenantId;
const bindingId = 'in_1' as BindingId;
const binding: BindingRecord = {
  ...{ tenant, bindingId, partnerId: 'dealer' as PartnerId, topicId: 'cars' as TopicId },
  ...{ kafkaTopic: 'in', status: 'active', generation: 0, setAt: 1n, setAtMs: 0 },
};

/** One message that is a dead letter, and what is behind it. */
const batch = (partition: number, behind: number): FoundBatch => ({
  ...{ kafkaTopic: 'in', partition, generation: 1, behind },
  messages: [{ offset: '4', key: null, value: null, headers: {}, timestamp: 0 }],
  isOver: () => false,
  settle: async () => undefined,
});

describe('the backlog of a binding', () => {
  it('leaves out the partitions that moved to another process', async () => {
    const reporter = createReporter({
      states: { save: async () => undefined },
      onFailed: (error) => {
        throw error;
      },
    });
    let joined: ((intake: Intake) => Promise<void>) | undefined;
    const through = new Promise<Intake>((resolve) => {
      joined = async (intake) => resolve(intake);
    });
    await runIntake(
      binding,
      {
        kafka: {
          sender: () => ({ send: async () => undefined, close: async () => undefined }),
          ensureTopic: async () => undefined,
          consume: async (intake) => joined?.(intake),
        },
        ...{ nameOf: (_tenant, topic) => topic, groupPrefix: 'kopilka', reporter, now: () => 0 },
        publish: () => Promise.reject(new Error('nothing is published')),
        onFailed: (error) => {
          throw error;
        },
        onTaken: () => undefined,
      },
      new AbortController().signal,
    );
    const intake = await through;
    const state = () => reporter.state('binding', tenant, bindingId);
    intake.onJoined([0, 1]);
    expect(state()).to.deep.include({ behind: 0, error: null });
    await intake.onBatch(batch(0, 10));
    await intake.onBatch(batch(1, 5));
    expect(state().behind).to.equal(15);
    intake.onJoined([1]);
    expect(state()).to.deep.include({ behind: 5, partitions: { 1: { offset: '4', behind: 5 } } });
  });
});
