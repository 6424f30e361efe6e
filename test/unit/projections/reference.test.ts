/** The reference and the tables agree: a column that nobody explained is found here. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../platform/packageRoot.js';
import { allProjections } from '../../../projections/all.js';

const reference = readFileSync(join(packageRoot, 'docs/reference/read-models.md'), 'utf8');

/** Table name -> column names, out of the DDL. */
const columnsOf = (ddl: string): Map<string, string[]> =>
  new Map(
    [...ddl.matchAll(/create table \{schema\}\.(\w+) \(([\s\S]*?)\n\)/g)].map(([, name, body]) => [
      name ?? '',
      (body ?? '')
        .split('\n')
        .map((line) => line.trim().split(' ')[0] ?? '')
        .filter((word) => /^[a-z_]+$/.test(word) && word !== 'primary' && word !== 'unique'),
    ]),
  );

describe('the reference of the read models', () => {
  for (const { name, question, tables, views } of allProjections) {
    it(`explains every table and column of ${name}`, () => {
      const begin = reference.indexOf(`\n## ${name}: `);
      expect(begin, question).to.be.greaterThan(0);
      const chapter = reference.slice(begin, reference.indexOf('\n## ', begin + 1));
      for (const view of Object.keys(views)) expect(chapter).to.include(`read.${view}`);
      const columns = columnsOf(tables);
      expect(columns.size).to.be.greaterThan(0);
      for (const [table, names] of columns) {
        expect(names.length, table).to.be.greaterThan(2);
        const unexplained = names.filter((column) => !chapter.includes(`\`${column}\``));
        expect(unexplained, table).to.deep.equal([]);
      }
    });
  }
});
