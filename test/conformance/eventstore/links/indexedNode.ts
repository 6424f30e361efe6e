/** A node of its own that keeps streams of links, on a database that can outlive it. */
import { EventStoreDBClient, StreamNotFoundError } from '@eventstore/db-client';
import { expect } from 'chai';
import type { LinkIndexName } from '../../../../embedded/eventstore/links/linkIndex.js';
import type {
  EventStoreOptions,
  RunningEventStore,
} from '../../../../embedded/eventstore/options.js';
import { startEventStore } from '../../../../embedded/eventstore/startEventStore.js';
import { newDatabase } from '../../../integration/eventstore/postgres.js';
import { collected, type Given } from './links.js';

const all: readonly LinkIndexName[] = ['categories', 'types', 'streams'];

/** A node of our own, since a server keeps these streams only where it is told to. */
export class IndexedNode {
  private constructor(
    readonly store: RunningEventStore,
    readonly client: EventStoreDBClient,
    readonly postgres: EventStoreOptions['postgres'],
  ) {}

  static async start(
    links: readonly LinkIndexName[] = all,
    postgres?: EventStoreOptions['postgres'],
  ): Promise<IndexedNode> {
    const database = postgres ?? (await newDatabase());
    const store = await startEventStore({ postgres: database, links });
    return new IndexedNode(
      store,
      EventStoreDBClient.connectionString(store.connectionString),
      database,
    );
  }

  async stop(): Promise<void> {
    await this.client.dispose();
    await this.store.stop();
  }

  async restart(links: readonly LinkIndexName[] = all): Promise<IndexedNode> {
    await this.stop();
    return IndexedNode.start(links, this.postgres);
  }

  /** Links of a stream of links, none while it does not exist. */
  async links(stream: string, resolveLinkTos = true): Promise<Given[]> {
    try {
      return await collected(this.client.readStream(stream, { resolveLinkTos }));
    } catch (error) {
      if (error instanceof StreamNotFoundError) return [];
      throw error;
    }
  }

  /** The links once there are so many of them. */
  async awaitLinks(stream: string, count: number, resolveLinkTos = true): Promise<Given[]> {
    let links: Given[] = [];
    await untilAsync(`${count} links in ${stream}`, async () => {
      links = await this.links(stream, resolveLinkTos);
      return links.length >= count;
    });
    expect(links).to.have.length(count);
    return links;
  }
}

const untilAsync = async (what: string, condition: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 40_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export const textOf = (given: Given | undefined): string =>
  Buffer.from((given?.link ?? given?.event)!.data as unknown as Uint8Array).toString();
