/** The drawing of a distribution of differences. */
import type { Distribution } from '../object/distribution.ts';
import { horizontalAxis, panelFrame, type PanelBox } from './panel.ts';
import { stepPath } from './path-data.ts';
import { linearScale } from './scale.ts';
import { svgDrawing, svgPath } from './svg.ts';

const SIZE = { width: 960, height: 330 };
const BOX: PanelBox = { left: 150, right: 940, top: 20, bottom: 250 };

/** An SVG element; `isNegated`: left - right is shown, for the output of a merge minus what is expected. */
export function distributionFigure({ name, low, width, bins, valueCount }: Distribution, title: string, isNegated: boolean): string {
  const counts = isNegated ? bins.toReversed() : bins;
  const from = isNegated ? -(low + bins.length * width) : low;
  // A few empty bins beside those with values: a single one is seen as such.
  const beside = Math.max(1, Math.ceil(bins.length / 16));
  const [first, last] = [from - beside * width, from + (bins.length + beside) * width];
  const x = linearScale({ low: first, high: last, from: BOX.left, to: BOX.right }, 6);
  const y = linearScale({ low: 0, high: Math.max(...bins) * 1.08, from: BOX.bottom, to: BOX.top }, 4);
  const edges = Array.from({ length: bins.length + 1 }, (_, i) => x.at(from + i * width));
  const heights = counts.map((count) => y.at(count));
  const parts = [
    panelFrame(BOX, y, 'values'),
    svgPath('difference', stepPath(edges, heights, BOX.bottom)),
    first < 0 && last > 0 ? svgPath('zero', `M${x.at(0)} ${BOX.top}V${BOX.bottom}`) : '',
    horizontalAxis([BOX], x, title),
  ];
  return svgDrawing(SIZE, `distribution of ${valueCount} differences of ${name}`, parts, 'small');
}
