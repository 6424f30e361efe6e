/**
 * The room for young objects that the command line gives (`--max-semi-space-size`) is the main thread's, where requests live for a
 * commit. V8 takes it for every thread that starts later, before what the thread itself asks for (`resourceLimits`), and far too much room
 * harms there: buffers from sockets lie outside of the heap, so a thread that mostly passes them on hardly ever collects its young objects, until what
 * it holds outside has all of its heap collected, several times a second.
 */
import { setFlagsFromString } from 'node:v8';

/** To be called once the main thread's heap is there and before any other thread is started. V8 reads the flag as a heap is set up, and only then. */
export const letThreadsChooseTheirs = (): void => setFlagsFromString('--max-semi-space-size=0');
