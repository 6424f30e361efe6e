/** Colours on a terminal only; NO_COLOR and --no-color switch them off, FORCE_COLOR on. picocolors looks at all of these. */
import pc from 'picocolors';

const onTerminal = process.stdout.isTTY === true || Boolean(process.env['FORCE_COLOR']);

export const colours = pc.createColors(pc.isColorSupported && onTerminal);
