import { expect } from 'chai';
import { register } from 'prom-client';
import { createMetrics } from '../../../platform/metrics.js';

describe('metrics', () => {
  it('renders what was counted, with the defaults of the process and its labels', async () => {
    const metrics = createMetrics({ role: 'pos' });
    const commands = metrics.counter({
      name: 'kopilka_commands_total',
      help: 'Commands handled.',
      labelNames: ['command', 'outcome'],
    });
    commands.inc({ command: 'ConfirmPurchase', outcome: 'done' });
    metrics.histogram({ name: 'kopilka_wait_seconds', help: 'Waiting.' }).observe(0.002);
    const text = await metrics.render();
    expect(text).to.match(/kopilka_commands_total\{.*outcome="done".*role="pos".*\} 1/);
    expect(text).to.match(/kopilka_wait_seconds_bucket\{.*le="0.0025".*\} 1/);
    expect(text).to.contain('process_cpu_seconds_total');
  });

  it('gives the same metric when asked twice', () => {
    const metrics = createMetrics();
    const definition = { name: 'kopilka_lag_events', help: 'Lag.' };
    expect(metrics.gauge(definition)).to.equal(metrics.gauge(definition));
  });

  it('keeps to itself: neither the global registry nor another instance sees it', async () => {
    createMetrics().counter({ name: 'kopilka_private_total', help: 'Private.' }).inc();
    expect(await createMetrics().render()).not.to.contain('kopilka_private_total');
    expect(register.getMetricsAsArray()).to.deep.equal([]);
  });

  it('refuses names that are not ours', () => {
    const metrics = createMetrics();
    expect(() => metrics.counter({ name: 'requests', help: 'x' })).to.throw('kopilka_');
  });
});
