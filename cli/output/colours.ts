/** Colours where a terminal shows them; NO_COLOR switches them off, FORCE_COLOR on. picocolors looks at both. */
import pc from 'picocolors';

export const colours = (stream: { readonly isTTY?: boolean }): ReturnType<typeof pc.createColors> =>
  pc.createColors(
    pc.isColorSupported && (stream.isTTY === true || Boolean(process.env['FORCE_COLOR'])),
  );
