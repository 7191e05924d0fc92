/** Panels of a drawing: frame, ticks with labels, grid. Units are half pixels of the page. */
import { svgTitle } from './root-text.ts';
import type { Scale, Tick } from './scale.ts';

/** Where a panel is, in units of the drawing. */
export interface PanelBox {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Length of a tick, units. */
const TICK = 8;
/** Room between an axis and its numbers, units. */
const GAP = 10;
/** Width of a digit of a number at a tick, units. */
const DIGIT_WIDTH = 13;
/** Longest label of a bin, characters. */
const MAX_LABEL = 14;
/** Most labels of bins side by side. */
const MAX_LABELS = 24;

/** The frame with the ticks of the vertical axis, and its title turned by 90 degrees. */
export function panelFrame(box: PanelBox, vertical: Scale, title: string): string {
  const { left, right, top, bottom } = box;
  const titleAt = `${left - 104} ${(top + bottom) / 2}`;
  return [
    `<path class="grid" d="${vertical.ticks.map(({ value }) => `M${left} ${vertical.at(value)}H${right}`).join('')}"/>`,
    `<path class="frame" d="M${left} ${top}H${right}V${bottom}H${left}z"/>`,
    ...vertical.ticks.map(({ value, label }) => `<text class="tick end" x="${left - GAP}" y="${vertical.at(value) + 8}">${label}</text>`),
    title === '' ? '' : `<text class="axis mid" transform="translate(${titleAt}) rotate(-90)">${svgTitle(title, 34)}</text>`,
  ].join('');
}

/** Ticks of the horizontal axis at the bottom of each panel; numbers and title (up to `titleLength` characters) below the last. */
export function horizontalAxis(boxes: readonly PanelBox[], scale: Scale, title: string, titleLength = 80): string {
  const last = boxes.at(-1);
  if (last === undefined) return '';
  const marks = boxes.flatMap(({ bottom }) => scale.ticks.map(({ value }) => `M${scale.at(value)} ${bottom}v-${TICK}`)).join('');
  const every = labelStep(scale);
  const numbers = scale.ticks
    .filter((_, i) => i % every === 0)
    .map(({ value, label }) => `<text class="tick mid" x="${scale.at(value)}" y="${last.bottom + 28}">${label}</text>`);
  return [
    `<path class="mark" d="${marks}"/>`,
    ...numbers,
    title === '' ? '' : `<text class="axis end" x="${last.right}" y="${last.bottom + 62}">${svgTitle(title, titleLength)}</text>`,
  ].join('');
}

/** Every how many ticks there is room for a number. */
function labelStep({ at, ticks }: Scale): number {
  const [first, second] = ticks;
  if (first === undefined || second === undefined) return 1;
  const widest = Math.max(...ticks.map(({ label }) => label.length)) * DIGIT_WIDTH + 2 * GAP;
  return Math.max(1, Math.ceil(widest / Math.abs(at(second.value) - at(first.value))));
}

/** Labels of bins below an axis in place of numbers: `centres` are their positions. Too many are thinned out. */
export function labelTicks(labels: readonly string[], bottom: number, centres: readonly number[]): string {
  const every = Math.ceil(labels.length / MAX_LABELS);
  const isCrowded = labels.length > 6;
  return labels
    .map((label, i) => ({ label: svgTitle(label, MAX_LABEL), x: centres[i] ?? 0, i }))
    .filter(({ label, i }) => label !== '' && i % every === 0)
    .map(({ label, x }) =>
      isCrowded
        ? `<text class="tick end" transform="translate(${x + 6} ${bottom + 22}) rotate(-30)">${label}</text>`
        : `<text class="tick mid" x="${x}" y="${bottom + 28}">${label}</text>`,
    )
    .join('');
}

/** A scale without numbers: bins have labels instead. */
export function withoutTicks(scale: Scale): Scale {
  const ticks: Tick[] = [];
  return { ...scale, ticks };
}
