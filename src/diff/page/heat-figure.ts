/** The drawing of two histograms of two dimensions: both as heat maps on one scale of colours, and their difference. */
import { binsOfPixels, furthestOf, meanOf, pixelValues, type Blend } from './cell-grid.ts';
import { allColours, colourNumbers, divergingScale, risingScale, type ColourScale } from './colour-scale.ts';
import { finiteOrZero, type BinValues } from './comparison.ts';
import { escaped, numberText, shortened } from './markup.ts';
import { horizontalAxis, panelFrame, type PanelBox } from './panel.ts';
import { encodePng } from './png-image.ts';
import { linearScale, type Scale } from './scale.ts';

/** What is drawn. Bins 1 to n of both axes, those of the first next to each other. */
export interface HeatPlot {
  /** Said to those who cannot see the drawing. */
  description: string;
  reference: BinValues;
  test: BinValues;
  referenceName: string;
  testName: string;
  xEdges: Float64Array;
  yEdges: Float64Array;
  xTitle: string;
  yTitle: string;
}

const WIDTH = 1440;
const HEIGHT = 592;
const SIDE = 380;
const TOP = 52;
const LEFTS = [150, 590, 1030];
/** Colour bars: distance from the map, height, units. */
const BAR_BELOW = 92;
const BAR_HEIGHT = 18;

/** An SVG element with three maps. Pixels show the mean of their bins, in the difference the bin that differs most. */
export function heatFigure(plot: HeatPlot): string {
  const { reference, test, xEdges, yEdges } = plot;
  const [columns, rows] = [binsOfPixels(xEdges), binsOfPixels(yEdges)];
  const pixels = (values: Float64Array, blend: Blend): Float64Array => pixelValues(values, xEdges.length - 1, columns, rows, blend);
  const [a, b] = [pixels(reference.values, meanOf), pixels(test.values, meanOf)];
  // A bin without a value counts as 0.
  const difference = pixels(
    test.values.map((value, i) => finiteOrZero(value) - finiteOrZero(reference.values[i] ?? NaN)),
    furthestOf,
  );
  const [low, high] = rangeOf(a, b);
  const contents = risingScale(low, high);
  const distances = divergingScale(
    difference.reduce((reach, value) => (Number.isFinite(value) ? Math.max(reach, Math.abs(value)) : reach), 0),
  );
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(plot.description)}">`,
    heatMap(plot, 0, plot.referenceName, a, columns.length, contents),
    heatMap(plot, 1, plot.testName, b, columns.length, contents),
    heatMap(plot, 2, 'difference', difference, columns.length, distances),
    '</svg>',
  ].join('');
}

/** Smallest and largest value of all maps, 0 among them. */
function rangeOf(...maps: Float64Array[]): [number, number] {
  let [low, high] = [0, 0];
  for (const values of maps) {
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}

function heatMap(
  { xEdges, yEdges, xTitle, yTitle }: HeatPlot,
  place: number,
  name: string,
  values: Float64Array,
  columns: number,
  colours: ColourScale,
): string {
  const left = LEFTS[place] ?? 0;
  const box: PanelBox = { left, right: left + SIDE, top: TOP, bottom: TOP + SIDE };
  const x = axisScale(xEdges, box.left, box.right);
  const y = axisScale(yEdges, box.bottom, box.top);
  const vertical: Scale = place === 0 ? y : { at: y.at, ticks: y.ticks.map(({ value }) => ({ value, label: '' })) };
  return [
    `<text class="axis mid" x="${left + SIDE / 2}" y="34">${escaped(shortened(name, 28))}</text>`,
    `<path class="ground" d="M${left} ${TOP}h${SIDE}v${SIDE}h-${SIDE}z"/>`,
    panelFrame(box, vertical, place === 0 ? yTitle : ''),
    picture(box.left, box.top, SIDE, SIDE, encodePng(columns, colourNumbers(values, colours), colours.palette)),
    horizontalAxis([box], x, xTitle, 30),
    colourBar(box, colours),
  ].join('');
}

function axisScale(edges: Float64Array, from: number, to: number): Scale {
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  return linearScale({ low, high: high > low ? high : low + 1, from, to }, 4);
}

function colourBar({ left, bottom }: PanelBox, { palette, low, high }: ColourScale): string {
  const top = bottom + BAR_BELOW;
  const colours = allColours();
  return [
    picture(left, top, SIDE, BAR_HEIGHT, encodePng(colours.length, colours, palette)),
    `<text class="tick" x="${left}" y="${top + BAR_HEIGHT + 26}">${numberText(low)}</text>`,
    `<text class="tick end" x="${left + SIDE}" y="${top + BAR_HEIGHT + 26}">${numberText(high)}</text>`,
  ].join('');
}

function picture(x: number, y: number, width: number, height: number, png: Uint8Array): string {
  return `<image x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,${Buffer.from(png).toString('base64')}"/>`;
}
