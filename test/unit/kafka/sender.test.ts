/** What the sender does with a client that connects slowly. */
import { expect } from 'chai';
import type { Kafka as Client } from 'kafkajs';
import { createSender } from '../../../platform/kafka/sender.js';
import type { KafkaMessage } from '../../../workers/kafka/port.js';

const message: KafkaMessage = {
  ...{ key: 'k', value: Buffer.from('v'), headers: {}, timestamp: 0, place: 0 },
};

/** Producers as the client makes them; each connects when it is let. */
class FakeClient {
  readonly did: string[] = [];
  readonly letConnect: (() => void)[] = [];
  private made = 0;

  producer() {
    const name = `p${(this.made += 1)}`;
    return {
      connect: () =>
        new Promise<void>((resolve) => {
          this.letConnect.push(resolve);
        }),
      disconnect: async () => void this.did.push(`${name} disconnects`),
      send: async () => void this.did.push(`${name} sends`),
    };
  }
}

describe('a sender to Kafka', () => {
  let client: FakeClient;
  beforeEach(() => (client = new FakeClient()));

  it('sends by one producer as long as that works', async () => {
    const sender = createSender(client as unknown as Client);
    const sending = sender.send('cars', [message]);
    client.letConnect.shift()?.();
    await sending;
    await sender.send('cars', [message]);
    await sender.close();
    expect(client.did).to.deep.equal(['p1 sends', 'p1 sends', 'p1 disconnects']);
  });

  it('sends nothing by a producer that was dropped while it connected', async () => {
    const sender = createSender(client as unknown as Client);
    const sending = sender.send('cars', [message]).catch((error: unknown) => error);
    await sender.close();
    client.letConnect.shift()?.();
    expect(await sending).to.include({ name: 'KafkaTrouble', reason: 'unreachable' });
    // Once more when it is there: what was cut before it connected is not cut.
    expect(client.did).to.deep.equal(['p1 disconnects', 'p1 disconnects']);
  });
});
