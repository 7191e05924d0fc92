/** Standard output and error may fail under a tool: a reader that goes away, a full disk. */
import { setFailure } from './outcome.ts';
import { errorText } from './render.ts';

/**
 * A reader that closes the pipe early (`| head`) is no failure of the tool. Anything else is told once, and the exit code is
 * `failed` or a larger one: whoever reads the output must not take a part for all.
 */
export function watchStandardStreams(failed: number): void {
  let isTold = false;
  const tell = (err: NodeJS.ErrnoException): void => {
    if (err.code === 'EPIPE') return;
    setFailure(failed);
    if (!isTold) console.error(errorText(`standard output cannot be written (${err.code ?? err.message})`));
    isTold = true;
  };
  process.stdout.on('error', tell);
  process.stderr.on('error', (err: NodeJS.ErrnoException) => {
    if (err.code !== 'EPIPE') setFailure(failed);
  });
}
