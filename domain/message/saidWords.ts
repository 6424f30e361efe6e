/**
 * What a provider answered, or kept it from being reached, as a sentence. Nobody said what the system told of a connection that
 * did not come about.
 */

const ofConnection = /^E[A-Z]{3,}$/;

/** Null where neither code nor text is known. */
export const saidWords = (code: string | undefined, text: string | undefined): string | null => {
  if (code === undefined && text === undefined) return null;
  const told = code !== undefined && text?.includes(code) ? [text] : [code, text];
  const words = told.filter((one) => one !== undefined).join(' ');
  return code !== undefined && ofConnection.test(code)
    ? `It was not reached: ${words}.`
    : `It said ${words}.`;
};
