/** The schema checker of the command layer, in the shape that the domain asks for. */
import { assertValid, InvalidInput } from '../../../commands/validation.js';
import type { CheckSchema } from '../../../domain/pricing/faults.js';

export const checkSchema: CheckSchema = (schema, value) => {
  try {
    assertValid(schema, value);
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.faults;
    throw error;
  }
};
