/** What can be said about dashboard and alerts without running them: they name nothing that Kopilka does not measure. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createLogWatch, measureLog } from '../../../platform/eventstore/watch.js';
import { createMetrics } from '../../../platform/metrics.js';
import { packageRoot } from '../../../platform/packageRoot.js';

const fileOf = (...path: string[]): string => readFileSync(join(packageRoot, ...path), 'utf8');

/** Files that measure something. */
const measuring = ['api', 'platform'].flatMap((layer) =>
  readdirSync(join(packageRoot, layer), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => fileOf(layer, file))
    .filter((text) => /metrics\.(?:counter|gauge|histogram)\b/.test(text)),
);

/** Names as they are written in definitions. */
const written = measuring.flatMap((text) =>
  [...text.matchAll(/(?:'((?:kopilka|outreach)_[a-z0-9_]+)'|^ {2}(outreach_[a-z0-9_]+):)/gm)].map(
    ([, quoted, key]) => quoted ?? key ?? '',
  ),
);

/** Names of what a process measures by itself, and of what is named by a loop. */
const rendered = async (): Promise<string[]> => {
  const metrics = createMetrics();
  measureLog(metrics, createLogWatch());
  return [...(await metrics.render()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '');
};

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

describe('monitoring', () => {
  const dashboard = JSON.parse(fileOf('deploy/grafana/dashboards/kopilka.json')) as {
    readonly panels: readonly Panel[];
  };
  const alerts = fileOf('deploy/prometheus/alerts.yml');
  const alertNames = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? '');
  const rules = [...alerts.matchAll(/expr: >-\n([\s\S]*?)\n {8}(?:for|labels):/g)].map(
    ([, expression]) => expression ?? '',
  );
  const targets = dashboard.panels.flatMap(({ targets: some = [] }) => some);

  it('asks for metrics alone that there are', async () => {
    const known = new Set([...written, ...(await rendered())]);
    const asked = [...rules, ...targets.map(({ expr }) => expr)].flatMap((expression) =>
      [...expression.matchAll(/\b(?:kopilka|outreach|process|nodejs)_[a-z0-9_]+/g)].map(
        ([name]) => name,
      ),
    );
    expect(rules).to.have.length(alertNames.length);
    expect(new Set(asked).size).to.be.greaterThan(50);
    const isKnown = (name: string): boolean =>
      known.has(name) || known.has(name.replace(/_(?:bucket|sum|count)$/, ''));
    expect(asked.filter((name) => !isKnown(name))).to.deep.equal([]);
  });

  it('shows everything that Kopilka measures, on the dashboard or by an alert', () => {
    const shown = alerts + JSON.stringify(dashboard);
    const metrics = written.filter(
      (name) => !/^outreach_(?:lanes|policy|callbacks|kafka)/.test(name),
    );
    const real = metrics.filter((name) => /_(?:total|seconds|size)$/.test(name));
    expect(real.length).to.be.greaterThan(20);
    expect(real.filter((name) => !shown.includes(name))).to.deep.equal([]);
  });

  it('explains every alert, and none that is not there', () => {
    const guide = fileOf('docs/guides/observability.md');
    const explained = [...guide.matchAll(/^\| `((?:Kopilka|Outreach)\w+)` \|/gm)].map(
      ([, name]) => name ?? '',
    );
    expect(explained).to.have.members(alertNames);
    expect(new Set(alertNames).size).to.equal(alertNames.length);
    const severities = [...alerts.matchAll(/severity: (\w+)/g)].map(([, severity]) => severity);
    expect(severities).to.have.length(alertNames.length);
    expect(new Set(severities)).to.deep.equal(new Set(['critical', 'warning', 'info']));
  });

  it('draws panels from the data source that is provisioned, each in its place', () => {
    const [, uid] =
      /uid: (\w+)/.exec(fileOf('deploy/grafana/provisioning/datasources/prometheus.yml')) ?? [];
    const drawn = dashboard.panels.filter(({ type }) => type !== 'row');
    expect(drawn.length).to.be.greaterThan(30);
    for (const { title, datasource, gridPos, targets: some = [] } of drawn) {
      expect(datasource?.uid, title).to.equal(uid);
      expect(some.length, title).to.be.greaterThan(0);
      expect(gridPos.x + gridPos.w, title).to.be.at.most(24);
    }
    expect(new Set(drawn.map(({ title }) => title)).size).to.equal(drawn.length);
  });

  it('scrapes services that exist, on their port', () => {
    const config = fileOf('deploy/prometheus/prometheus.yml');
    const compose = fileOf('docker-compose.yml');
    const names = /names: \[(.*)\]/.exec(config)?.[1]?.split(', ') ?? [];
    const roles = [...compose.matchAll(/^ {2}([a-z]+):\n {4}<<: \*role$/gm)].map(
      ([, name]) => name,
    );
    expect(names).to.have.members(roles);
    expect(config).to.contain('port: 7780');
  });
});
