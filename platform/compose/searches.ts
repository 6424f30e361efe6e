/** Searches put to the store of documents; where it sleeps there is nothing to find. */
import { documentRoutes, type DocumentRoutes } from '../../api/admin/documents.js';
import { publicationSearchRoutes } from '../../api/admin/publicationSearch.js';
import { searchRoutes } from '../../api/exchange/search.js';
import type { Searches } from '../../api/exchange/searchQuery.js';
import type { Route } from '../../api/route.js';
import type { Directory } from '../../commands/directory.js';
import type { HandOver } from '../../commands/publication/handovers.js';
import type { Reveal } from '../../commands/publication/reveal.js';
import { attempts } from '../../projections/attempts/attempts.js';
import { type AttemptSearches, searchAttempts } from '../../projections/attempts/search.js';
import { publications } from '../../projections/publications/publications.js';
import { searchPublications } from '../../projections/publications/search.js';
import { documentProjections } from '../../projections/documents/all.js';
import { readDocumentStatus, rebuildDocuments } from '../../projections/documents/status.js';
import type { TenantId } from '../../domain/ids.js';
import type { Documents } from './documents.js';
import type { AskDocuments } from './documentsAsked.js';

const nothing = { rows: [], next: null, keptFrom: null };
const reachDeadlineMs = 5_000;

export const createSearches = (documents: Documents): Searches => ({
  publications: async (search) =>
    (await documents.ask((db) => searchPublications(db, search))) ?? nothing,
  reach: (position) => documents.waitFor(publications.name, position, reachDeadlineMs),
});

export const createAttemptSearches = (
  documents: Documents,
  ask: AskDocuments = documents.ask,
): AttemptSearches => ({
  attempts: async (search) => (await ask((db) => searchAttempts(db, search))) ?? nothing,
  reach: (position) => documents.waitFor(attempts.name, position, reachDeadlineMs),
});

const createDocumentWork = (documents: Documents): DocumentRoutes['documents'] => {
  const status = async () =>
    documents.isLooking()
      ? readDocumentStatus(null, 'looking')
      : readDocumentStatus(await documents.db());
  return {
    status,
    rebuild: async (readModel) => {
      const projection = documentProjections.find(({ name }) => name === readModel);
      if (!projection) return null;
      const db = await documents.db();
      if (db) await rebuildDocuments(db, projection);
      return (await status()).find((one) => one.readModel === readModel) ?? null;
    },
  };
};

export const openSearches = (options: {
  readonly documents: Documents;
  readonly directory: Directory;
  readonly reveal: Reveal;
  readonly handOver: HandOver;
  readonly homeTenant: TenantId;
  readonly hasRole: (role: 'admin' | 'exchange') => boolean;
}): Route[] => {
  const { documents, directory, reveal, handOver, homeTenant, hasRole } = options;
  const services = { searches: createSearches(documents), directory, reveal, handOver };
  return [
    ...(hasRole('exchange') ? searchRoutes(services) : []),
    ...(hasRole('admin') ? publicationSearchRoutes(services) : []),
    ...(hasRole('admin')
      ? documentRoutes({ documents: createDocumentWork(documents), homeTenant })
      : []),
  ];
};
