/** The last turn: what a campaign does to cards, challenges, coupons and draws. */
import { type Candidate, type Session, useOf } from './session.js';

export const playGames = (session: Session, candidate: Candidate): void => {
  const { campaign, games } = candidate.compiled;
  if (games.length === 0) return;
  const { facts, goods } = session;
  const draw = session.draws.get(campaign.campaignId) ?? null;
  const use = useOf(session, candidate);
  use.effects = [...use.effects, ...games.flatMap((play) => play({ facts, goods, draw }))];
};
