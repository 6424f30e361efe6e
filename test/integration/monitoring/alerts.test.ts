/** The alerts and the configuration of Prometheus, judged by its own tool. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../../platform/packageRoot.js';
import { missing, promtool } from './promtool.js';

/** As Grafana fills them in. */
const questions = (): string[] => {
  const file = join(packageRoot, 'deploy/grafana/dashboards/kopilka.json');
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  return panels
    .flatMap(({ targets = [] }) => targets)
    .map(({ expr }) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$service', '.*'));
};

describe(`alerts by promtool${missing === null ? '' : ` (pending: ${missing})`}`, function () {
  this.timeout(120_000);
  const can = missing === null ? it : it.skip;

  can('are rules that Prometheus understands', () => {
    expect(promtool('check', 'rules', 'alerts.yml')).to.equal(null);
  });

  can('are given by a configuration that it understands', () => {
    expect(promtool('check', 'config', '--syntax-only', 'prometheus.yml')).to.equal(null);
  });

  can('leave a dashboard whose questions are questions', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kopilka-dashboard-'));
    const file = join(folder, 'questions.json');
    const rules = questions().map((expr, i) => ({ record: `panel:${i}`, expr }));
    expect(rules.length).to.be.greaterThan(50);
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    try {
      expect(promtool('check', 'rules', file)).to.equal(null);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  can('fire when they should and no sooner', () => {
    expect(promtool('test', 'rules', 'alerts_test.yml')).to.equal(null);
  });
});
