/** How the parts of a process are, for Prometheus: one series a part and state, so that an alert can name the state. */
import type { Lifecycle } from '../lifecycle.js';
import type { Metrics } from '../metrics.js';
import { partStates } from './health.js';

export const measureParts = (metrics: Metrics, { states }: Pick<Lifecycle, 'states'>): void => {
  metrics.gauge({
    name: 'kopilka_part_state',
    help: 'Of each part of the process that may be off, asleep or restarting: 1 for the state that it is in.',
    labelNames: ['part', 'state'],
    collect() {
      for (const [part, is] of Object.entries(states())) {
        for (const state of partStates) this.set({ part, state }, state === is ? 1 : 0);
      }
    },
  });
};
