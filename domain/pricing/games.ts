/** The last turn: what a campaign does to cards, challenges, coupons and draws. */
import type { CompiledCampaign } from './campaignSet.js';
import { type Session, useOf } from './session.js';

export const playGames = (session: Session, { campaign, games, place }: CompiledCampaign): void => {
  if (games.length === 0) return;
  const { facts, goods } = session;
  const draw = session.draws[campaign.campaignId] ?? null;
  const use = useOf(session, place);
  use.effects = [...use.effects, ...games.flatMap((play) => play({ facts, goods, draw }))];
};
