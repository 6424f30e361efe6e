/** The queue's tables come with its first message: until then whoever asks it anything is told nothing. */
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
