/**
 * The import rules of the house, as docs/architecture.md draws them: which layer may import which, no cycles between files, no file
 * that says nothing by its name, no package that package.json does not name.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../platform/packageRoot.js';

type Layer =
  | 'domain'
  | 'commands'
  | 'projections'
  | 'api'
  | 'workers'
  | 'platform'
  | 'embedded'
  | 'cli'
  | 'bench'
  | 'test';

/** Layers that a layer may import from, besides itself. */
const allowed: Record<Layer, readonly Layer[]> = {
  domain: [],
  commands: ['domain'],
  projections: ['domain'],
  api: ['domain', 'commands', 'projections'],
  workers: ['domain', 'commands', 'projections'],
  // Adapters implement the ports of those who use them; compose.ts alone knows everyone (see below).
  platform: ['domain', 'commands', 'projections', 'workers'],
  embedded: [],
  cli: ['domain', 'platform', 'api'],
  bench: ['domain', 'commands', 'projections', 'api', 'workers', 'platform', 'embedded', 'cli'],
  test: [
    'domain',
    'commands',
    'projections',
    'api',
    'workers',
    'platform',
    'embedded',
    'cli',
    'bench',
  ],
};
const layers = Object.keys(allowed) as Layer[];

/** Files that may import across the rules, each with its reason. */
const exceptions: Record<string, readonly Layer[]> = {
  // Plain code that news things up in order and closes them in reverse: it knows everyone, nobody knows it.
  'platform/compose.ts': ['api', 'workers', 'embedded'],
  'platform/compose/': ['api', 'workers', 'embedded'],
  // The port of a question that only auditors ask lives with them.
  'platform/eventstore/history.ts': ['api'],
  // Posts to a developer's receiver exactly what the webhook would.
  'cli/listen/': ['commands', 'workers'],
  // The log's own tools work on the embedded store's files and tables.
  'cli/store/': ['embedded'],
  // Reads package.json's place on disk, which every layer that ships an asset needs.
  'embedded/': ['platform'],
  'projections/': ['platform'],
};

/** The one module of platform/ that the exceptions above open to embedded/ and projections/. */
const assetsOnly = 'platform/packageRoot.ts';

const sources = layers.flatMap((layer) =>
  readdirSync(join(packageRoot, layer), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(layer, file)),
);

const importsOf = (file: string): string[] => {
  const text = readFileSync(join(packageRoot, file), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
};

const target = (file: string, specifier: string): string =>
  relative(packageRoot, join(packageRoot, dirname(file), specifier)).replace(/\.js$/, '.ts');

const layerOf = (file: string): Layer => file.split('/')[0] as Layer;

const graph = new Map(
  sources.map((file) => [
    file,
    importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => target(file, specifier)),
  ]),
);

const permitted = (file: string, imported: string): boolean => {
  const from = layerOf(file);
  const to = layerOf(imported);
  if (from === to || allowed[from].includes(to)) return true;
  const exception = Object.entries(exceptions).find(([place]) => file.startsWith(place));
  if (!exception?.[1].includes(to)) return false;
  return to !== 'platform' || imported === assetsOnly;
};

describe('the house', () => {
  it('imports one way only', () => {
    const faults = [...graph].flatMap(([file, imported]) =>
      imported
        .filter((other) => !permitted(file, other))
        .map((other) => `${file} imports ${other}`),
    );
    expect(faults).to.deep.equal([]);
  });

  it('has compose.ts known to nobody but the programs that start it', () => {
    const users = [...graph]
      .filter(([, imported]) => imported.includes('platform/compose.ts'))
      .map(([file]) => file)
      .filter((file) => !/^(cli|bench|test|platform\/compose)\b/.test(file));
    expect(users).to.deep.equal([]);
  });

  it('has no cycle between files', () => {
    expect(cycles(graph)).to.deep.equal([]);
  });

  it('has a domain that knows nothing but its schema library', () => {
    const faults = sources
      .filter((file) => layerOf(file) === 'domain')
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => !name.startsWith('.') && name !== '@sinclair/typebox')
          .map((name) => `${file} imports ${name}`),
      );
    expect(faults).to.deep.equal([]);
  });

  it('reads the clock and draws lots outside the domain only', () => {
    const faults = sources
      .filter((file) => layerOf(file) === 'domain')
      .filter((file) =>
        /Date\.now|new Date\(\)|Math\.random|performance\.|process\./.test(
          readFileSync(join(packageRoot, file), 'utf8'),
        ),
      );
    expect(faults).to.deep.equal([]);
  });

  it('names every package that it imports in package.json', () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(packageRoot, 'package.json'), 'utf8'),
    ) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
    const faults = sources.flatMap((file) => {
      const known = /^(test|bench)\//.test(file)
        ? { ...dependencies, ...devDependencies }
        : dependencies;
      return importsOf(file)
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !(name in known) && !builtinModules.includes(name))
        .map((name) => `${file} imports ${name}`);
    });
    expect(faults).to.deep.equal([]);
  });

  it('has no file whose name says nothing', () => {
    const faults = sources.filter((file) =>
      /(^|\/)(utils?|common|helpers?|misc|shared)(\/|\.ts$)/i.test(file),
    );
    expect(faults).to.deep.equal([]);
  });

  it('has no file that nobody imports and nobody starts', () => {
    const imported = new Set([...graph.values()].flat());
    const text = ['package.json', 'Dockerfile']
      .map((file) => readFileSync(join(packageRoot, file), 'utf8'))
      .join();
    const started = (file: string) =>
      text.includes(file.replace(/\.ts$/, '.js')) ||
      /\.(test|thread)\.ts$|\.d\.ts$/.test(file) ||
      file.startsWith('test/') ||
      [...graph.keys()].some((other) =>
        readFileSync(join(packageRoot, other), 'utf8').includes(
          `/${file.split('/').at(-1)?.replace(/\.ts$/, '.js')}'`,
        ),
      );
    expect(sources.filter((file) => !imported.has(file) && !started(file))).to.deep.equal([]);
  });
});

/** Each cycle once, as the path that closes it. */
const cycles = (edges: ReadonlyMap<string, readonly string[]>): string[] => {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
};
