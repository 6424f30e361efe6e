/**
 * What becomes of a share of a budget: spent as the receipt recorded it, released where it never was, given back when the goods
 * came back. Issued by the worker alone (workers/budgets.ts), each for one fact of the log.
 */
import { Type } from '@sinclair/typebox';
import {
  budget,
  BudgetReleased,
  BudgetReserved,
  BudgetReturned,
  BudgetSpent,
  budgetStream,
} from '../../domain/budget/budget.js';
import { releaseBudget, returnToBudget, spendBudget } from '../../domain/budget/decide.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';

const closed = { additionalProperties: false } as const;
const { purchaseId, userId, tillId, amount, points, uses, merchantId, day, answers } =
  BudgetSpent.schema.properties;
const receipt = Type.Object({ purchaseId, userId, tillId }, closed);
const charge = Type.Object({ amount, points, uses, merchantId, day }, closed);
const campaignId = CampaignId;
const { until } = BudgetReserved.schema.properties;
const { reason } = BudgetReleased.schema.properties;
const { cause } = BudgetReturned.schema.properties;

export const spendOfBudget = defineCommand({
  name: 'SpendBudget',
  summary: 'Charges a budget with what a recorded receipt was given.',
  input: Type.Object({ campaignId, receipt, charge, answers }, closed),
  aggregate: budget,
  stream: (input, context) => budgetStream(context.tenant, input.campaignId),
  lookUp: () => undefined,
  decide: (input, state) => spendBudget({ ...input, answers: BigInt(input.answers) }, state),
  answer: () => null,
});

export const releaseOfBudget = defineCommand({
  name: 'ReleaseBudget',
  summary: 'Frees what a receipt had reserved of a budget and did not take.',
  input: Type.Object({ campaignId, receipt, until, reason }, closed),
  aggregate: budget,
  stream: (input, context) => budgetStream(context.tenant, input.campaignId),
  lookUp: () => undefined,
  decide: (input, state) => releaseBudget(input, state),
  answer: () => null,
});

export const giveBackToBudget = defineCommand({
  name: 'ReturnToBudget',
  summary: 'Gives a budget back what a return or a cancellation undid.',
  input: Type.Object({ campaignId, receipt, charge, cause, answers }, closed),
  aggregate: budget,
  stream: (input, context) => budgetStream(context.tenant, input.campaignId),
  lookUp: () => undefined,
  decide: (input, state) => returnToBudget({ ...input, answers: BigInt(input.answers) }, state),
  answer: () => null,
});
