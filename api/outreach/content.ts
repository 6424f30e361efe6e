/** What messages say, how they go, and who agreed to get them: the routes of operators, and those of partners' programs and recipients. */
import { outreachPolicyRoutes } from '../admin/outreachPolicies.js';
import { outreachRulesRoutes } from '../admin/outreachRules.js';
import { outreachStrategyRoutes } from '../admin/outreachStrategies.js';
import {
  outreachSuppressionRoutes,
  type SuppressionRoutes,
} from '../admin/outreachSuppressions.js';
import { outreachTemplateRoutes, type TemplateRoutes } from '../admin/outreachTemplates.js';
import type { Route } from '../route.js';
import { type ConsentRoutes, consentRoutes } from './consents.js';
import { type UnsubscribeRoutes, unsubscribeRoutes } from './unsubscribe.js';

export interface ContentAdministration extends TemplateRoutes, SuppressionRoutes {}
export interface ContentRoutes extends ConsentRoutes, UnsubscribeRoutes {}

export const contentAdminRoutes = (options: ContentAdministration): Route[] => [
  ...outreachTemplateRoutes(options),
  ...outreachStrategyRoutes(options),
  ...outreachRulesRoutes(options),
  ...outreachPolicyRoutes(options),
  ...outreachSuppressionRoutes(options),
];

export const contentRoutes = (options: ContentRoutes): Route[] => [
  ...consentRoutes(options),
  ...unsubscribeRoutes(options),
];
