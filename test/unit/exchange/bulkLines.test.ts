/** Uploads that break off in the middle, and are gone on with: nothing is published twice. */
import { expect } from 'chai';
import { createPreview } from '../../../commands/publication/preview.js';
import type { Publish } from '../../../commands/publication/publish.js';
import { LogUnavailable } from '../../../commands/log.js';
import { createCompiledSchemas } from '../../../commands/schema/compile.js';
import { createSchemaJudge } from '../../../commands/schema/judge.js';
import { rejected } from '../../../domain/rejected.js';
import { publishLines } from '../../../api/exchange/bulkLines.js';
import { cars, dealer, type Dealership, openDealership } from './dealership.js';

type Answer = Readonly<Record<string, unknown>>;

describe('a file of events that is sent again', () => {
  let world: Dealership;
  /** Lines that are refused for the moment. */
  let unwanted: Set<string>;
  /** Before an append, and after one: what breaks off. */
  let breaks: { before: () => void; after: () => void };

  beforeEach(async () => {
    world = await openDealership();
    unwanted = new Set();
    breaks = { before: () => undefined, after: () => undefined };
  });

  const publish: Publish = async (input, context) => {
    if (input.publications.some(({ id }) => unwanted.has(id))) throw rejected('schema-retired');
    breaks.before();
    const { idempotencyKey } = context;
    const answer = await world.publish([...input.publications], { idempotencyKey });
    breaks.after();
    return answer;
  };

  const upload = async (ids: readonly string[]): Promise<Answer[]> => {
    const told: Answer[] = [];
    const lines = ids.map((id) =>
      JSON.stringify({ specversion: '1.0', id, source: '/s', type: 't', data: {} }),
    );
    const schemaJudge = createSchemaJudge(createCompiledSchemas());
    await publishLines(
      {
        ...{ publish, preview: createPreview({ directory: world.directory, schemaJudge }) },
        refusals: async ({ publications }) =>
          publications.map(({ id }) => (unwanted.has(id) ? rejected('schema-retired') : null)),
        ...{ sleep: async () => undefined, uploadMs: 1_000 },
      },
      {
        ...{ topicId: cars, partnerId: dealer, from: 1, admit: () => undefined },
        context: world.context({ idempotencyKey: 'k1' }),
      },
      {
        contentType: 'application/x-ndjson',
        lines: async function* () {
          yield lines;
        },
        whole: () => Promise.reject(new Error('it is read by lines')),
      },
      { tell: (answer) => told.push(answer), room: async () => undefined },
      new AbortController().signal,
    );
    return told;
  };
  const published = async (): Promise<string[]> =>
    (await world.pull()).items.map(({ publication }) => publication.id);

  it('leaves out what spoils it for the others, and publishes those as a whole', async () => {
    unwanted.add('b');
    const told = await upload(['a', 'b', 'c']);
    expect(told.map(({ line, place, code }) => [line, place ?? code])).to.deep.equal([
      ...[
        [1, 0],
        [2, 'schema-retired'],
        [3, 1],
      ],
      ...[
        [undefined, undefined],
        [undefined, undefined],
      ],
    ]);
    expect(await published()).to.deep.equal(['a', 'c']);
  });

  it('is known again where the answer was lost, also when more of it would be taken now', async () => {
    unwanted.add('b');
    let isLost = true;
    breaks.after = () => {
      if (isLost) throw new LogUnavailable('away');
    };
    expect((await upload(['a', 'b', 'c'])).at(-1)).to.include({ done: false, resumeAt: 1 });
    isLost = false;
    const again = await upload(['a', 'b', 'c']);
    expect(again.filter(({ repeated }) => repeated).map(({ line }) => line)).to.eql([1, 3]);
    unwanted.clear();
    const more = await upload(['a', 'b', 'c']);
    expect(more.map(({ code }) => code).filter(Boolean)).to.deep.equal(
      Array(3).fill('idempotency-key-reused'),
    );
    expect(await published()).to.deep.equal(['a', 'c']);
  });

  it('is published once where it broke off before anything of it was', async () => {
    unwanted.add('b');
    breaks.before = () => {
      throw new LogUnavailable('away');
    };
    await upload(['a', 'b', 'c']);
    breaks.before = () => undefined;
    unwanted.clear();
    await upload(['a', 'b', 'c']);
    expect(await published()).to.deep.equal(['a', 'b', 'c']);
  });
});
