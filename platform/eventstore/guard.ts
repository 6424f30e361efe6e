/**
 * Three things in the official client (6.2.1, pinned) that can end a process or leave it deaf, put right on one client.
 *
 * Its pending appends are in one table for the whole process, emptied when any batch stream breaks; an answer that comes
 * afterwards throws where nobody catches. It holds back writes for a stream that is behind, and when that stream breaks, rejects
 * promises that nobody handles. And when a server's features cannot be learned for any reason but "unavailable", it keeps that
 * failure for ever. Nothing is held back here instead: what is in flight is bounded by those who append.
 *
 * It holds on to names the client has but does not promise. A test meets each hazard, so a change of them is found at once.
 */
import type { EventEmitter } from 'node:events';
import type { EventStoreDBClient } from '@eventstore/db-client';

interface BatchStream extends EventEmitter {
  write(message: unknown): boolean;
}

type Creator = (grpcClient: unknown) => BatchStream;

/** What is touched of the client's insides. */
interface Insides {
  GRPCStreamCreator(
    grpcClient: unknown,
    name: string,
    creator: Creator,
    cache?: object,
  ): () => Promise<unknown>;
  supports(...feature: unknown[]): Promise<boolean>;
  getGRPCClient(constructor: unknown, name: string): Promise<unknown>;
  execute(constructor: unknown, name: string, action: unknown): Promise<unknown>;
  handleError(grpcClient: unknown, error: Error): Promise<void>;
}

/** @param onStrayAnswer is told of answers to appends that were given up: their outcome was learned by a repeat. */
export const guard = (
  client: EventStoreDBClient,
  onStrayAnswer: (error: unknown) => void = () => undefined,
): EventStoreDBClient => {
  const insides = client as unknown as Insides;

  const create = insides.GRPCStreamCreator.bind(insides);
  insides.GRPCStreamCreator = (grpcClient, name, creator, cache) =>
    create(
      grpcClient,
      name,
      // Only batch appends are created with a cache: one stream for all of them.
      cache && name === 'appendToStream'
        ? (made) => guardBatch(creator(made), onStrayAnswer)
        : creator,
      cache,
    );

  let features: { readonly constructor: unknown; readonly name: string } | undefined;
  const execute = insides.execute.bind(insides);
  insides.execute = (constructor, name, action) => {
    if (name === 'getSupportedMethods') features = { constructor, name };
    return execute(constructor, name, action);
  };
  const supports = insides.supports.bind(insides);
  insides.supports = (...feature) =>
    supports(...feature).catch(async (error: unknown) => {
      if (features) {
        const { constructor, name } = features;
        await insides.handleError(await insides.getGRPCClient(constructor, name), unavailable());
      }
      throw error;
    });
  return client;
};

const guardBatch = (stream: BatchStream, onStrayAnswer: (error: unknown) => void): BatchStream => {
  const handlers = stream.listeners('data') as ((answer: unknown) => void)[];
  stream.removeAllListeners('data');
  for (const handle of handlers) {
    stream.on('data', (answer) => {
      try {
        handle(answer);
      } catch (error) {
        onStrayAnswer(error);
      }
    });
  }
  const write = stream.write.bind(stream);
  stream.write = (message) => {
    write(message);
    return true;
  };
  return stream;
};

/** Makes the client forget its channel and what it believes of the server. */
const unavailable = (): Error =>
  Object.assign(new Error('the features of the server could not be learned'), {
    code: 14,
    details: '',
  });
