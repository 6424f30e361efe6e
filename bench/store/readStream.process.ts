/** Reads one stream to its end through the official client, several times over. */
import { EventStoreDBClient } from '@eventstore/db-client';
import { answerParent } from '../child.js';

export interface ReadStreamPlan {
  readonly connectionString: string;
  readonly stream: string;
  readonly events: number;
  readonly times: number;
}

/** Seconds of each time. @throws where the stream has another number of events */
const read = async (plan: ReadStreamPlan): Promise<number[]> => {
  const log = EventStoreDBClient.connectionString(plan.connectionString);
  const seconds: number[] = [];
  for (let time = 0; time < plan.times; time += 1) {
    const started = performance.now();
    let events = 0;
    for await (const { event } of log.readStream(plan.stream)) if (event) events += 1;
    if (events !== plan.events) throw new Error(`${events} events instead of ${plan.events}`);
    seconds.push((performance.now() - started) / 1000);
  }
  await log.dispose();
  return seconds;
};

answerParent(read);
