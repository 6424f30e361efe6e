/** The attributes of a publication as filters look at them: by their CloudEvents names, every value as text, never the data. */
import type { EventAttributes } from '../subscription/filter.js';
import type { Publication } from './publication.js';

export const attributesOf = (publication: Publication): EventAttributes => {
  const { key, extensions, data: _data, dataBase64: _dataBase64, ...named } = publication;
  const further = Object.entries(extensions ?? {}).map(([name, value]) => [name, String(value)]);
  return {
    specversion: '1.0',
    ...named,
    ...(Object.fromEntries(further) as Record<string, string>),
    partitionkey: key,
  };
};
