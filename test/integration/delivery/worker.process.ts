/** A process that delivers, to be killed. Told its settings by its parent, and gone with it. */
import { deliver, type DeliverySettings } from './exchange.js';

process.once('message', (settings: DeliverySettings) => {
  deliver(settings);
  process.send?.('started');
});
process.on('disconnect', () => process.exit(0));
