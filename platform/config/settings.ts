/**
 * Every setting of Kopilka, in one annotated table: name, environment variable, kind, default, meaning. Each area has a file of its
 * own beside this one.
 *
 * docs/reference/configuration.md is the table rendered, and a test holds the two together.
 */
import { databaseSettings } from './databases.js';
import { deliverySettings } from './deliveries.js';
import { eventStoreSettings } from './eventStore.js';
import { kafkaSettings } from './kafka.js';
import { limitSettings } from './limits.js';
import { monitoringSettings } from './monitoring.js';
import { processSettings } from './process.js';

/** The table. Order is the order of the reference. */
export const settings = {
  ...processSettings,
  ...eventStoreSettings,
  ...databaseSettings,
  ...kafkaSettings,
  ...monitoringSettings,
  ...limitSettings,
  ...deliverySettings,
} as const;

export type SettingName = keyof typeof settings;

export const settingNames = Object.keys(settings) as SettingName[];
