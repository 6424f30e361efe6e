/** docs/reference/access.md, read back: what the page promises is what the matrix asks for, not what the code says of itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../../platform/packageRoot.js';

export interface Promised {
  readonly everybody: boolean;
  readonly monitoring: boolean;
  readonly till: boolean;
  readonly app: boolean;
  readonly partner: readonly string[];
  readonly operator: readonly string[];
}

const row =
  /^\| `(?<route>[A-Z]+ \S+)` \| (?<tills>.*?) ?\| (?<apps>.*?) ?\| (?<partners>.*?) ?\| (?<operators>.*?) ?\|$/;
const list = (text = ''): string[] => text.split(', ').filter((word) => word !== '');

/** By method and path, as the page writes them. */
export const readAccess = (): ReadonlyMap<string, Promised> => {
  const page = readFileSync(join(packageRoot, 'docs/reference/access.md'), 'utf8');
  return new Map(
    page.split('\n').flatMap((line): [string, Promised][] => {
      const { route, tills, apps, partners, operators } = row.exec(line)?.groups ?? {};
      if (route === undefined) return [];
      const promised: Promised = {
        everybody: tills === 'everybody',
        monitoring: tills?.includes('monitoring token') ?? false,
        till: tills === 'yes',
        app: apps === 'yes',
        partner: list(partners),
        operator: list(operators),
      };
      return [[route, promised]];
    }),
  );
};
