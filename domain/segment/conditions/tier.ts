import { list, Name } from '../../pricing/arguments.js';
import { accountCondition } from '../condition.js';

export const tier = accountCondition(
  'tier',
  'The customer has one of these tiers today; who has none is in none of them.',
  { tiers: list(Name, 'As the scheme of the programme names them') },
  { holds: ({ tiers }, { tier: has }) => has !== null && tiers.includes(has) },
);
