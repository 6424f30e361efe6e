/** The campaign results: what every campaign gave and got back, and which coupons were shown. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectCampaigns } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeCampaigns } from './write.js';

export const campaigns = defineProjection({
  name: 'campaigns',
  version: 1,
  question: 'What did each campaign give, where and when, and which coupons were shown?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectCampaigns,
  write: writeCampaigns,
});
