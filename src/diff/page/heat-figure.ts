/** The drawing of two histograms of two dimensions: both as heat maps on one scale of colours, and their difference. */
import { binsOfPixels, furthestOf, meanOf, pixelValues, type Blend } from './cell-grid.ts';
import { allColours, colourNumbers, divergingScale, risingScale, type ColourScale } from './colour-scale.ts';
import { finiteOrZero, type BinValues } from './comparison.ts';
import { escaped, numberText, shortened } from './markup.ts';
import { horizontalAxis, panelFrame, type PanelBox } from './panel.ts';
import { encodePng } from './png-image.ts';
import { linearScale, type Scale } from './scale.ts';
import { svgDrawing, svgPath } from './svg.ts';

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

const SIZE = { width: 1440, height: 592 };
/** Side of a map. */
const SIDE = 380;
const TOP = 52;
/** Where the maps of reference, test and difference begin. */
const LEFTS = { reference: 150, test: 590, difference: 1030 };
/** Colour bars: distance from the map, height, units. */
const BAR_BELOW = 92;
const BAR_HEIGHT = 18;

/** An SVG element with three maps. Pixels show the mean of their bins, in the difference the bin that differs most. */
export function heatFigure(plot: HeatPlot): string {
  const { reference, test, referenceName, testName, xEdges, yEdges } = plot;
  const [columns, rows] = [binsOfPixels(xEdges), binsOfPixels(yEdges)];
  const pixels = (values: Float64Array, blend: Blend): Float64Array => pixelValues(values, xEdges.length - 1, columns, rows, blend);
  const [a, b] = [pixels(reference.values, meanOf), pixels(test.values, meanOf)];
  // A bin without a value counts as 0.
  const difference = pixels(
    test.values.map((value, i) => finiteOrZero(value) - finiteOrZero(reference.values[i] ?? NaN)),
    furthestOf,
  );
  const contents = risingScale(...rangeOf(a, b));
  const reach = difference.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  const map = (left: number, name: string, values: Float64Array, colours: ColourScale): string =>
    heatMap(plot, left, name, { values, columns: columns.length, colours });
  return svgDrawing(SIZE, plot.description, [
    map(LEFTS.reference, referenceName, a, contents),
    map(LEFTS.test, testName, b, contents),
    map(LEFTS.difference, 'difference', difference, divergingScale(reach)),
  ]);
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

/** Pixels row by row from the top. */
interface MapPixels {
  values: Float64Array;
  columns: number;
  colours: ColourScale;
}

/** One map with its axes and its scale of colours; only the first has numbers and title of the vertical axis. */
function heatMap({ xEdges, yEdges, xTitle, yTitle }: HeatPlot, left: number, name: string, pixels: MapPixels): string {
  const { values, columns, colours } = pixels;
  const isFirst = left === LEFTS.reference;
  const box: PanelBox = { left, right: left + SIDE, top: TOP, bottom: TOP + SIDE };
  const x = axisScale(xEdges, box.left, box.right);
  const y = axisScale(yEdges, box.bottom, box.top);
  const vertical: Scale = isFirst ? y : { at: y.at, ticks: y.ticks.map(({ value }) => ({ value, label: '' })) };
  return [
    `<text class="axis mid" x="${left + SIDE / 2}" y="34">${escaped(shortened(name, 28))}</text>`,
    svgPath('ground', `M${left} ${TOP}h${SIDE}v${SIDE}h-${SIDE}z`),
    panelFrame(box, vertical, isFirst ? yTitle : ''),
    picture({ x: left, y: TOP, width: SIDE, height: SIDE }, encodePng(columns, colourNumbers(values, colours), colours.palette)),
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
    picture({ x: left, y: top, width: SIDE, height: BAR_HEIGHT }, encodePng(colours.length, colours, palette)),
    `<text class="tick" x="${left}" y="${top + BAR_HEIGHT + 26}">${numberText(low)}</text>`,
    `<text class="tick end" x="${left + SIDE}" y="${top + BAR_HEIGHT + 26}">${numberText(high)}</text>`,
  ].join('');
}

function picture({ x, y, width, height }: { x: number; y: number; width: number; height: number }, png: Uint8Array): string {
  const place = `x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="none" image-rendering="pixelated"`;
  return `<image ${place} href="data:image/png;base64,${Buffer.from(png).toString('base64')}"/>`;
}
