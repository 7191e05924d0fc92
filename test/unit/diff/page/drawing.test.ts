/** Drawings: known bins lie at known coordinates. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binsOfPixels, furthestOf, meanOf, pixelValues } from '../../../../src/diff/page/cell-grid.ts';
import { colourNumbers, divergingScale, risingScale } from '../../../../src/diff/page/colour-scale.ts';
import { compareBins, differingRuns } from '../../../../src/diff/page/comparison.ts';
import { curvesFigure, type CurvesPlot } from '../../../../src/diff/page/curves-figure.ts';
import { distributionFigure } from '../../../../src/diff/page/distribution-figure.ts';
import { barsPath, pointsPath, stepPath } from '../../../../src/diff/page/path-data.ts';
import { horizontalAxis } from '../../../../src/diff/page/panel.ts';
import { linearScale, logScale, roundStep } from '../../../../src/diff/page/scale.ts';

/** Corners of a path of M, h, v, H, V commands. */
function cornersOf(path: string): [number, number][] {
  let [x, y] = [0, 0];
  return Array.from(path.matchAll(/([MhvHV])(-?\d+)(?: (-?\d+))?/g), ([, command, a = '0', b = '0']) => {
    if (command === 'M') [x, y] = [Number(a), Number(b)];
    else if (command === 'h') x += Number(a);
    else if (command === 'v') y += Number(a);
    else if (command === 'H') x = Number(a);
    else y = Number(a);
    return [x, y];
  });
}

describe('a step curve', () => {
  it('goes along the edges of its bins', () => {
    expect(stepPath([0, 10, 20, 30], [5, 5, 2])).toBe('M0 5h20v-3h10');
    expect(stepPath([0, 10, 20, 30], [5, 8, 2], 9)).toBe('M0 9v-4h10v3h10v-6h10v7');
  });

  it('has gaps where bins have no value', () => {
    expect(stepPath([0, 10, 20, 30, 40], [5, NaN, NaN, 7])).toBe('M0 5h10M30 7h10');
    expect(stepPath([0, 10, 20], [NaN, NaN])).toBe('');
    expect(stepPath([0, 10, 20], [NaN, 4], 9)).toBe('M10 9v-5h10v5');
  });

  it('shows bins narrower than a unit by their range', () => {
    expect(stepPath([0, 0, 0, 1, 2], [5, 1, 9, 4], 10)).toBe('M0 10v-5v-4v8h1v-5h1v6');
  });

  it('passes the height of every bin, whatever their number', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 80 }),
        (ys, width) => {
          const xs = Array.from({ length: ys.length + 1 }, (_, i) => Math.round((i * width) / ys.length));
          const corners = cornersOf(stepPath(xs, ys));
          const heights = (x: number): number[] => corners.filter(([at]) => at === x).map(([, y]) => y);
          ys.forEach((y, i) => {
            const at = heights(xs[i] ?? 0);
            // Bins without a corner of their own go on at the height of the one before.
            if (at.length > 0) expect(Math.min(...at) <= y && y <= Math.max(...at)).toBe(true);
            else expect(y).toBe(ys[i - 1]);
          });
          expect(corners.at(-1)?.[0]).toBe(xs.at(-1));
        },
      ),
    );
  });

  it('does not grow with the number of bins beyond that of units', () => {
    const ys = Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 400);
    const xs = Array.from({ length: ys.length + 1 }, (_, i) => Math.round((i * 1270) / ys.length));
    expect(stepPath(xs, ys, 400).length).toBeLessThan(30_000);
  });
});

describe('error bars and points', () => {
  it('stand at their bins', () => {
    expect(barsPath([5, 15, 25], [1, NaN, 3], [4, 5, 9])).toBe('M5 1v3M25 3v6');
    expect(barsPath([5, 5], [1, 3], [2, 9])).toBe('M5 1v8');
    expect(pointsPath([5, 5, 20], [3, 3, NaN], 4)).toBe('M3 1h4v4h-4z');
  });
});

describe('scales', () => {
  it('put values in proportion, and ends at the ends', () => {
    const { at, ticks } = linearScale({ low: 0, high: 50, from: 100, to: 0 }, 5);
    expect([0, 25, 50, -7, 90].map((value) => at(value))).toEqual([100, 50, 0, 100, 0]);
    expect(ticks.map(({ label }) => label)).toEqual(['0', '10', '20', '30', '40', '50']);
  });

  it('have ticks that can be told apart', () => {
    expect(linearScale({ low: 0.99, high: 1.01, from: 0, to: 100 }, 4).ticks.map(({ label }) => label)).toEqual([
      '0.99',
      '0.995',
      '1',
      '1.005',
      '1.01',
    ]);
    expect(linearScale({ low: -2e-9, high: 3e-9, from: 0, to: 100 }, 5).ticks.map(({ label }) => label)).toEqual([
      '−2×10⁻⁹',
      '−10⁻⁹',
      '0',
      '10⁻⁹',
      '2×10⁻⁹',
      '3×10⁻⁹',
    ]);
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.double({ min: 1e-3, max: 1e9, noNaN: true }), (low, range) => {
        const { ticks } = linearScale({ low, high: low + range, from: 0, to: 100 }, 5);
        expect(ticks.length).toBeLessThanOrEqual(9);
        if (range > Math.abs(low) * 1e-3) expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
      }),
    );
  });

  it('of decades name powers of ten', () => {
    const { at, ticks } = logScale({ low: 0.5, high: 2e6, from: 100, to: 0 });
    expect(ticks.map(({ label }) => label)).toEqual(['1', '100', '10000', '10⁶']);
    expect([at(0), at(0.5), at(2e6)]).toEqual([100, 100, 0]);
  });

  it('have round steps', () => {
    expect(
      [
        [10, 5],
        [7, 5],
        [0.03, 4],
        [1, 1],
        [99, 10],
      ].map(([range = 0, count = 1]) => roundStep(range, count)),
    ).toEqual([2, 1, 0.01, 1, 10]);
  });
});

describe('bins that are compared', () => {
  const bins = (values: number[], errors = values.map((value) => Math.sqrt(value))): { values: Float64Array; errors: Float64Array } => ({
    values: Float64Array.from(values),
    errors: Float64Array.from(errors),
  });

  it('have ratio, its error, and pull', () => {
    const { differs, ratios, ratioErrors, pulls, differingCount, largestPull } = compareBins(
      bins([100, 0, 16, 5]),
      bins([121, 9, 16, 5], [11, 3, 4, 9]),
    );
    expect(Array.from(differs)).toEqual([1, 1, 0, 1]);
    expect(Array.from(ratios)).toEqual([1.21, NaN, 1, 1]);
    expect(ratioErrors[0]).toBeCloseTo(Math.hypot(11, 1.21 * 10) / 100, 12);
    expect(Array.from(pulls)).toEqual([21 / Math.hypot(10, 11), 3, 0, 0]);
    expect([differingCount, largestPull]).toEqual([3, 3]);
  });

  it('without errors have no finite pull; without values none', () => {
    const { pulls, differs, largestPull } = compareBins(bins([1, NaN, 2], [0, 0, 0]), bins([2, NaN, NaN], [0, 0, 0]));
    expect([Array.from(pulls), Array.from(differs), largestPull]).toEqual([[Infinity, NaN, NaN], [1, 0, 1], 0]);
  });

  it('are marked in runs', () => {
    expect(differingRuns(Uint8Array.of(1, 1, 0, 1, 0))).toEqual([
      [0, 2],
      [3, 4],
    ]);
    expect(differingRuns(Uint8Array.of(0, 0))).toEqual([]);
  });
});

describe('the drawing of two curves', () => {
  const curve = (values: number[], edges = [0, 1, 2, 3, 4]): CurvesPlot['test'] => ({
    values: Float64Array.from(values),
    errors: Float64Array.from(values, (value) => Math.sqrt(Math.abs(value))),
    edges: Float64Array.from(edges),
  });
  const plot: CurvesPlot = {
    description: 'd',
    reference: curve([10, 20, 30, 40]),
    test: curve([10, 20, 30, 50]),
    referenceName: 'a',
    testName: 'b',
    isProfile: false,
    xTitle: 'x',
    yTitle: '',
    labels: [],
  };
  const pathsOf = (svg: string, kind: string): string[] =>
    Array.from(svg.matchAll(new RegExp(`<path class="${kind}" d="([^"]*)"`, 'g')), ([, path = '']) => path);

  it('has known bins at known coordinates', () => {
    // Panel: x 150 … 1420, y 432 … 52 for 0 … 54 (50 and 8 percent).
    const svg = curvesFigure(plot);
    const [, path = ''] = pathsOf(svg, 'test');
    const at = (value: number): number => Math.round(432 - (value / 54) * 380);
    expect(cornersOf(path)).toEqual([
      [150, 432],
      [150, at(10)],
      [468, at(10)],
      [468, at(20)],
      [785, at(20)],
      [785, at(30)],
      [1103, at(30)],
      [1103, at(50)],
      [1420, at(50)],
      [1420, 432],
    ]);
  });

  it('marks the bin that differs, shows its ratio and its pull', () => {
    const svg = curvesFigure(plot);
    expect(pathsOf(svg, 'marked')).toEqual(['M1103 52h317V736h-317z']);
    expect(pathsOf(svg, 'strip')).toEqual(['M1103 440h317V452h-317z']);
    expect(pathsOf(svg, 'steps ratio')).toEqual(['M150 524h953v-30h317']); // 1.25 of 0.5 … 1.5 over 120 units
    expect(pathsOf(svg, 'pull')).toEqual([
      `M150 676h953v-${Math.round((10 / Math.sqrt(90) / 3) * 60)}h317v${Math.round((10 / Math.sqrt(90) / 3) * 60)}`,
    ]);
  });

  it('marks a thin bin so that it can be seen', () => {
    const values = Array.from({ length: 5000 }, () => 7);
    const edges = Array.from({ length: 5001 }, (_, i) => i);
    const other = values.with(2500, 8);
    const [band = ''] = pathsOf(curvesFigure({ ...plot, reference: curve(values, edges), test: curve(other, edges) }), 'marked');
    expect(band).toMatch(/^M78\d 52h3V736h-3z$/);
  });

  it('offers a logarithmic view where contents reach over a factor of 20', () => {
    expect(curvesFigure(plot)).not.toContain('logarithmic');
    expect(curvesFigure({ ...plot, test: curve([1, 20, 30, 40]) })).toContain('<g class="logarithmic">');
    expect(curvesFigure({ ...plot, test: curve([-1, 20, 30, 400]) })).not.toContain('logarithmic');
  });

  it('has no ratio and pull where bins do not correspond', () => {
    const svg = curvesFigure({ ...plot, test: curve([1, 2], [0, 2, 8]) });
    expect(pathsOf(svg, 'pull')).toEqual([]);
    expect(cornersOf(pathsOf(svg, 'test')[1] ?? '').at(-1)).toEqual([1420, 432]);
  });

  it('draws empty, infinite and constant contents', () => {
    for (const values of [
      [0, 0, 0, 0],
      [NaN, NaN, NaN, NaN],
      [Infinity, 1, -Infinity, 2],
      [5, 5, 5, 5],
      [1e300, 1, 1, 1],
      [-3, -2, -1, -5],
    ]) {
      for (const isProfile of [false, true]) {
        expect(curvesFigure({ ...plot, reference: curve([0, 0, 0, 0]), test: curve(values), isProfile })).not.toMatch(
          /NaN|Infinity|undefined/,
        );
      }
    }
  });

  it.each([
    [100, 8],
    [1000, 45],
    [100_000, 80],
  ])('of %i bins takes less than %i KB', (count, limit) => {
    const values = Array.from({ length: count }, (_, i) => 50 + ((i * 7919) % 97));
    const edges = Array.from({ length: count + 1 }, (_, i) => i);
    const size = curvesFigure({
      ...plot,
      reference: curve(values, edges),
      test: curve(
        values.map((value, i) => value + (i % 3)),
        edges,
      ),
    }).length;
    expect(size).toBeLessThan(limit * 1000);
  });
});

describe('numbers at an axis', () => {
  it('do not stand upon each other', () => {
    const numbers = (low: number, high: number): string[] =>
      Array.from(
        horizontalAxis([{ left: 0, right: 800, top: 0, bottom: 10 }], linearScale({ low, high, from: 0, to: 800 }, 8), '').matchAll(
          />([^<]+)<\/text>/g,
        ),
        ([, label = '']) => label,
      );
    expect(numbers(0, 8)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8']);
    expect(numbers(-100_200, -99_800)).toEqual(['−100200', '−100100', '−100000', '−99900', '−99800']);
    expect(numbers(3, 3)).toEqual([]);
  });
});

describe('the drawing of a distribution', () => {
  it('has its bins where they are, mirrored for a merge', () => {
    const distribution = {
      name: 'x',
      entryCount: 4,
      first: [],
      valueCount: 4,
      mean: 0,
      rms: 0,
      min: 1,
      max: 3,
      low: 1,
      width: 1,
      bins: [1, 3],
    };
    const svg = distributionFigure(distribution, 'right − left', false);
    expect(svg).toContain('>right − left</text>');
    const corners = cornersOf(/class="difference" d="([^"]*)"/.exec(svg)?.[1] ?? '');
    expect(corners.map(([x]) => x)).toEqual([348, 348, 545, 545, 743, 743]);
    const mirrored = cornersOf(/class="difference" d="([^"]*)"/.exec(distributionFigure(distribution, 't', true))?.[1] ?? '');
    expect(mirrored[1]?.[1]).toBe(corners[3]?.[1]);
  });
});

describe('maps', () => {
  it('have a pixel per bin, or at most 128 of them', () => {
    expect(binsOfPixels(Float64Array.of(0, 1, 2, 3))).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    const many = binsOfPixels(Float64Array.from({ length: 1001 }, (_, i) => i));
    expect(many.length).toBe(128);
    expect([many[0], many[127]]).toEqual([
      [0, 8],
      [992, 1000],
    ]);
    const uneven = binsOfPixels(Float64Array.of(0, 1, 128));
    expect([uneven[0], uneven[1], uneven[127]]).toEqual([
      [0, 1],
      [1, 2],
      [1, 2],
    ]);
  });

  it('show every bin in some pixel', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 10, noNaN: true }), { minLength: 1, maxLength: 400 }), (widths) => {
        const edges = Float64Array.from([0, ...widths.map((_, i) => widths.slice(0, i + 1).reduce((a, b) => a + b, 0))]);
        const seen = new Set(binsOfPixels(edges).flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)));
        expect(seen.size).toBe(widths.length);
      }),
    );
  });

  it('have rows from the top; means, and the furthest difference', () => {
    const values = Float64Array.of(1, 2, 3, 4, NaN, 6, 7, 8); // 4 × 2
    expect(
      Array.from(
        pixelValues(
          values,
          4,
          [
            [0, 2],
            [2, 4],
          ],
          [
            [0, 1],
            [1, 2],
          ],
          meanOf,
        ),
      ),
    ).toEqual([6, 7.5, 1.5, 3.5]);
    expect(furthestOf([0, -3, 2])).toBe(-3);
    expect(meanOf([NaN])).toBeNaN();
  });

  it('leave what is 0 or nothing transparent', () => {
    expect(Array.from(colourNumbers(Float64Array.of(0, NaN, 10, 5, 1e9), risingScale(0, 10)))).toEqual([0, 0, 255, 128, 255]);
    expect(Array.from(colourNumbers(Float64Array.of(-2, 2, 1), divergingScale(2)))).toEqual([1, 255, 192]);
    const { palette } = divergingScale(1);
    expect(Array.from(palette.subarray(3, 6))).toEqual([33, 102, 172]);
    expect(Array.from(palette.subarray(3 * 255))).toEqual([178, 24, 43]);
  });
});
