/** The keys of recipients, asked for together. */
import { expect } from 'chai';
import { createSubjectKeys } from '../../../commands/message/subjectKeys.js';
import { tenant } from './desk.js';

describe('The keys of recipients', () => {
  it('are asked for all at once, and of those who come meanwhile together', async () => {
    const asked: number[] = [];
    const goOn: (() => void)[] = [];
    const keysOf = createSubjectKeys({
      createMany: async (_tenant, subjects) => {
        asked.push(subjects.length);
        await new Promise<void>((resolve) => goOn.push(resolve));
        return subjects.map((subject) => Buffer.from(subject));
      },
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const answers = [keysOf(tenant, ['a', 'b', 'a'] as never[]), keysOf(tenant, ['c'] as never[])];
    await turn();
    expect(asked, 'of one turn').to.deep.equal([3]);
    for (const subject of ['d', 'e', 'f', 'g', 'h', 'i']) {
      answers.push(keysOf(tenant, [subject] as never[]));
      await turn();
    }
    expect(asked, 'a few at a time').to.deep.equal([3, 1, 1, 1]);
    goOn[0]?.();
    await turn();
    expect(asked, 'those who waited').to.deep.equal([3, 1, 1, 1, 3]);
    for (const next of goOn) next();
    const [first] = await Promise.all(answers);
    expect(first?.map(String)).to.deep.equal(['a', 'b', 'a']);
  });

  it('are told to everybody who asked where they cannot be had, and asked for anew afterwards', async () => {
    let isAway = true;
    const keysOf = createSubjectKeys({
      createMany: async (_tenant, subjects) => {
        if (isAway) throw new Error('away');
        return subjects.map((subject) => Buffer.from(subject));
      },
    });
    const failed = (subject: string) =>
      keysOf(tenant, [subject] as never[]).catch((error: unknown) => String(error));
    expect(await Promise.all([failed('a'), failed('b')])).to.deep.equal(
      Array(2).fill('Error: away'),
    );
    isAway = false;
    expect((await keysOf(tenant, ['a'] as never[])).map(String)).to.deep.equal(['a']);
  });
});
