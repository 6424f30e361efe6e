/** A dealer with a topic and a bank that may see it, over a log in memory: for what publishing asks of a publication. */
import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../../../commands/command.js';
import { registerPartner } from '../../../commands/partner/registerPartner.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import { createEraseSubject } from '../../../commands/publication/eraseSubject.js';
import { createPublish } from '../../../commands/publication/publish.js';
import { createPull, type Pulled } from '../../../commands/publication/pull.js';
import { createReveal } from '../../../commands/publication/reveal.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { createTopic } from '../../../commands/topic/createTopic.js';
import { grantAccess } from '../../../commands/topic/grantAccess.js';
import type { PartnerId, TopicId } from '../../../domain/ids.js';
import type { Publication } from '../../../domain/publication/publication.js';
import { openHouse } from '../commands/house.js';

export const dealer = 'dealer' as PartnerId;
export const bank = 'bank' as PartnerId;
export const cars = 'cars' as TopicId;
export const demo = 'demo';

export const openDealership = async () => {
  const clock = { now: Date.UTC(2026, 2, 1, 12) };
  const house = openHouse(() => clock.now);
  const { handler, log, directory, keys } = house;
  const context = (changes: Partial<CommandContext> = {}) =>
    house.context({ now: clock.now, idempotencyKey: randomUUID(), ...changes });
  const named = { name: demo, currency: 'GBP', gsrnPrefix: '8018000010' };
  await handler.handle(registerTenant, named, context());
  for (const partnerId of [dealer, bank]) {
    await handler.handle(registerPartner, { partnerId, name: partnerId }, context());
  }
  const about = { name: 'Cars', description: '', classification: 'confidential' as const };
  await handler.handle(createTopic, { topicId: cars, owner: dealer, ...about }, context());
  const grant = { topicId: cars, partnerId: bank, history: 'all' as const };
  await handler.handle(grantAccess, grant, context());

  const parts = { log, directory, arrivals: createArrivals() };
  const publishAll = createPublish({ ...parts, keys });
  const pullAll = createPull({
    ...parts,
    reveal: createReveal(keys),
    monotonicMs: () => performance.now(),
    now: () => clock.now,
  });
  const publication = (id: string, more: Partial<Publication> = {}): Publication => ({
    id,
    source: '/sites/dealer',
    type: 'car.chosen',
    data: { brand: 'Lada' },
    ...more,
  });
  return {
    ...house,
    clock,
    context,
    parts,
    publication,
    publish: (
      publications: Publication | readonly Publication[],
      changes: Partial<CommandContext> = {},
    ) => {
      const all = [publications].flat() as Publication[];
      return publishAll({ topicId: cars, partnerId: dealer, publications: all }, context(changes));
    },
    pull: (after: number | null = null): Promise<Pulled> => {
      const question = { topicId: cars, partnerId: bank, after, limit: 100, waitMs: 0 };
      return pullAll(question, context().tenant, new AbortController().signal);
    },
    erase: createEraseSubject(handler, keys),
  };
};
export type Dealership = Awaited<ReturnType<typeof openDealership>>;
