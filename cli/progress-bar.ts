/** The progress bar: one line on standard error, only when that is a terminal. */
import type { ProgressEvent, ProgressListener } from '../src/index.ts';
import { formatBytes } from './text-pieces.ts';

/** Milliseconds between two drawings, and before the first: short merges draw nothing. */
const REDRAW_MS = 100;
const FIRST_MS = 300;
const BAR_CELLS = 24;

/** What is drawn on; standard error in the tools. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A bar and the way to take it off the screen again. */
export interface ProgressBar {
  readonly listener: ProgressListener;
  clear(): void;
}

/** Starts a bar; undefined where there is no terminal. `now` gives milliseconds. */
export function startProgressBar(terminal: Terminal, now: () => number = () => performance.now()): ProgressBar | undefined {
  if (terminal.isTTY !== true) return undefined;
  const start = now();
  let nextDraw = start + FIRST_MS;
  let drawn = false;
  const listener = (event: ProgressEvent): void => {
    const time = now();
    if (time < nextDraw) return;
    nextDraw = time + REDRAW_MS;
    drawn = true;
    terminal.write(`\r\u001b[2K${progressLine(event, (time - start) / 1000).slice(0, lineLength(terminal))}`);
  };
  return { listener, clear: () => drawn && terminal.write('\r\u001b[2K') };
}

/** Characters that fit into one line; a terminal of width 0 does not know its width. */
export function lineLength({ columns = 0 }: Terminal): number {
  return (columns > 0 ? columns : 80) - 1;
}

/** The line for one event: step, bar, share, amount, speed over the whole run. */
export function progressLine(event: ProgressEvent, seconds: number): string {
  const { step, done, total } = event;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const cells = Math.floor(share * BAR_CELLS);
  const bar = '#'.repeat(cells).padEnd(BAR_CELLS, '.');
  const amount = step === 'execute' ? `${formatBytes(done)} of ${formatBytes(total)}` : `${done} of ${total}`;
  const speed = step === 'execute' && seconds > 0 ? `  ${formatBytes(done / seconds)}/s` : '';
  return `${step.padEnd(7)} [${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${amount}${speed}`;
}
