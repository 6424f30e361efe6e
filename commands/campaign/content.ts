/**
 * A campaign on its way in: every fault of it named by its place, whatever is wrong with how many parts.
 */
import { Type } from '@sinclair/typebox';
import type { CampaignContent } from '../../domain/campaign/decide.js';
import type { Actor } from '../../domain/fact.js';
import type { CampaignId } from '../../domain/pricing/campaign.js';
import { faultsOf } from '../../domain/pricing/faults.js';
import { type Fault, faultsIn as schemaFaults, InvalidInput } from '../validation.js';

/** Anything: what it has to be is told by `faultsIn`, better than a schema of all its alternatives could. */
export const ContentInput = Type.Unsafe<CampaignContent>(Type.Unknown());

const bytesMax = 100_000;
const faultsMax = 50;

/** Pointers into the content; none where it can be drafted. */
export const faultsIn = (campaignId: CampaignId, content: unknown): readonly Fault[] => {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return [{ pointer: '', reason: 'must be object' }];
  }
  const bytes = JSON.stringify(content).length;
  if (bytes > bytesMax) {
    const reason = `has ${bytes} characters of JSON: use at most ${bytesMax}`;
    return [{ pointer: '', reason }];
  }
  const numbers = ['version', ...(Object.hasOwn(content, 'campaignId') ? ['campaignId'] : [])]
    .filter((name) => Object.hasOwn(content, name))
    .map((name) => ({ pointer: `/${name}`, reason: 'is not part of the content: leave it out' }));
  const faults = faultsOf({ ...content, campaignId, version: 1 }, schemaFaults);
  return [...numbers, ...faults].slice(0, faultsMax);
};

/** @throws InvalidInput with every fault, at most 50 */
export const assertContent = (campaignId: CampaignId, campaign: unknown): void => {
  const faults = faultsIn(campaignId, campaign);
  if (faults.length === 0) return;
  throw new InvalidInput(
    faults.map(({ pointer, reason }) => ({ pointer: `/campaign${pointer}`, reason })),
  );
};

/** What the deciders want to know of a text and of who wrote it. */
export const writing = (
  { campaignId, campaign }: { readonly campaignId: CampaignId; readonly campaign: CampaignContent },
  { id }: Actor,
) => ({ campaignId, content: campaign, by: id });
