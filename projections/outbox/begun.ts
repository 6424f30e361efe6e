/** The queue's tables come with its first message: until then whoever asks it anything is told nothing. */
import type { Reader } from '../pages.js';

const undefinedTable = '42P01';

/** None where there is no queue yet. @throws whatever else went wrong. */
export const rowsOnceBegun = async <Row>(
  asked: Promise<{ readonly rows: readonly Row[] }>,
): Promise<readonly Row[]> => {
  try {
    return (await asked).rows;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === undefinedTable) return [];
    throw error;
  }
};

/** For a list that asks by itself: all of them are empty where there is no queue yet. */
export const readerOnceBegun = (db: Reader): Reader => {
  const query = async (...asked: unknown[]) => ({
    rows: await rowsOnceBegun((db.query as (...of: unknown[]) => Promise<{ rows: [] }>)(...asked)),
  });
  return { query: query as unknown as Reader['query'] };
};
