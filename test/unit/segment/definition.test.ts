import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { assertDefinition } from '../../../commands/segment/definition.js';
import { InvalidInput } from '../../../commands/validation.js';
import { accountConditionKinds } from '../../../domain/segment/conditions.js';
import { packageRoot } from '../../../platform/packageRoot.js';

const faultsOf = (definition: unknown): [string, string][] => {
  try {
    assertDefinition(definition);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.faults.map(({ pointer, reason }) => [pointer, reason]);
  }
};
const dynamic = (when: unknown) => faultsOf({ kind: 'dynamic', when });
const rfm = (more: object) => faultsOf({ kind: 'analytic', by: 'rfm', ...more });

describe('the definition of a segment', () => {
  const guide = readFileSync(join(packageRoot, 'docs/guides/segments.md'), 'utf8');

  it('has no fault as the guide shows it', () => {
    const shown = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map((found) => found[1] ?? '');
    expect(shown.length).to.be.greaterThan(1);
    for (const text of shown) expect(faultsOf(JSON.parse(text)), text).to.deep.equal([]);
  });

  it('has every condition explained in the guide', () => {
    for (const { kind } of accountConditionKinds) expect(guide).to.include(`\`${kind}\``);
  });

  it('is told which kinds there are', () => {
    expect(faultsOf(null)).to.deep.equal([['/definition', 'must be an object']]);
    expect(faultsOf({ kind: 'magic' })[0]?.[0]).to.equal('/definition/kind');
    expect(dynamic({ kind: 'birthday' })[0]?.[1]).to.include('purchases, spent');
    expect(faultsOf({ kind: 'static', when: {} })).to.deep.equal([
      ['/definition/when', 'is not a known field'],
    ]);
  });

  it('is told of conditions that say nothing or cannot hold', () => {
    expect(dynamic({ kind: 'spent', days: 30 })).to.deep.equal([
      ['/definition/when', 'must have min or max'],
    ]);
    expect(dynamic({ not: { kind: 'points', min: 5, max: 4 } })).to.deep.equal([
      ['/definition/when/not/min', 'must not exceed max'],
    ]);
    const from = '2026-02-01T00:00:00Z';
    expect(dynamic({ kind: 'enrolled', from, until: from })[0]?.[0]).to.equal(
      '/definition/when/until',
    );
    expect(dynamic({ kind: 'enrolled', from: '2026-13-01T00:00:00Z' })[0]?.[1]).to.equal(
      'must be a time that there is',
    );
  });

  it('is told of trees that are empty, mixed, too deep or too many', () => {
    expect(dynamic({ and: [] })[0]?.[0]).to.equal('/definition/when/and');
    expect(dynamic({ and: [], or: [] })[0]?.[1]).to.equal('has more than "and"');
    let deep: object = { kind: 'points', min: 1 };
    for (let n = 0; n < 30; n += 1) deep = { not: deep };
    expect(dynamic(deep)[0]?.[1]).to.include('nested deeper');
    const many = { or: Array.from({ length: 49 }, () => ({ kind: 'points', min: 1 })) };
    const tooMany = { and: Array.from({ length: 10 }, () => many) };
    expect(dynamic(tooMany)).to.have.length(1);
  });

  it('is told of bounds that do not rise, and of groups of one name', () => {
    const bounds = {
      recencyDays: [7, 30, 20, 90],
      frequency: [1, 2, 3, 4],
      monetary: [1, 2, 3, 4],
    };
    expect(rfm({ bounds })).to.deep.equal([['/definition/bounds/recencyDays', 'must rise']]);
    const groups = [{ name: 'best' }, { name: 'best' }];
    expect(rfm({ groups })).to.deep.equal([
      ['/definition/groups/1/name', 'is the name of another group'],
    ]);
  });
});
