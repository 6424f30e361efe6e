/**
 * Closes a shop. Its tills stop with it, because whatever authenticates a till asks for its shop too.
 */
import { Type } from '@sinclair/typebox';
import { PointOfSaleId } from '../../domain/ids.js';
import {
  revokePointOfSale as decide,
  pointOfSale,
  pointOfSaleStream,
} from '../../domain/pointOfSale/pointOfSale.js';
import { defineCommand } from '../command.js';

export const revokePointOfSale = defineCommand({
  name: 'RevokePointOfSale',
  summary: 'Closes a shop; its tills stop at once.',
  input: Type.Object(
    { pointOfSaleId: PointOfSaleId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RevokePointOfSale' },
  ),
  aggregate: pointOfSale,
  stream: (input, context) => pointOfSaleStream(context.tenant, input.pointOfSaleId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ pointOfSaleId: input.pointOfSaleId }),
});
