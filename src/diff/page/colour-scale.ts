/** Colours of heat maps: 255 steps between a few anchors. Both palettes can be told apart with any colour vision. */

type Colour = readonly [red: number, green: number, blue: number];

/** From dark violet to yellow, growing evenly in lightness (viridis, CC0). */
const RISING: readonly Colour[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];
/** From blue over a light grey to red. */
const DIVERGING: readonly Colour[] = [
  [33, 102, 172],
  [67, 147, 195],
  [146, 197, 222],
  [220, 226, 230],
  [244, 165, 130],
  [214, 96, 77],
  [178, 24, 43],
];
/** Colours of a palette beside the transparent one, which has number 0. */
const STEPS = 255;

/** A palette with a transparent colour in front: red, green, blue of 256 colours. */
export interface ColourScale {
  palette: Uint8Array;
  low: number;
  high: number;
}

/** Colours for contents from `low` to `high`. */
export function risingScale(low: number, high: number): ColourScale {
  return { palette: paletteOf(RISING), low, high };
}

/** Colours for differences from -reach to reach. */
export function divergingScale(reach: number): ColourScale {
  return { palette: paletteOf(DIVERGING), low: -reach, high: reach };
}

/** Numbers of the colours of values; 0, and what is no number, is transparent. */
export function colourNumbers(values: Float64Array, { low, high }: ColourScale): Uint8Array {
  return Uint8Array.from(values, (value) => {
    if (!Number.isFinite(value) || value === 0) return 0;
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return 1 + Math.min(STEPS - 1, Math.max(0, Math.round(share * (STEPS - 1))));
  });
}

/** All colours but the transparent one, from the lowest to the highest. */
export function allColours(): Uint8Array {
  return Uint8Array.from({ length: STEPS }, (_, i) => i + 1);
}

function paletteOf(anchors: readonly Colour[]): Uint8Array {
  const palette = new Uint8Array(3 * (STEPS + 1));
  for (let step = 0; step < STEPS; step++) {
    const at = (step / (STEPS - 1)) * (anchors.length - 1);
    const from = Math.min(anchors.length - 2, Math.floor(at));
    for (let part = 0; part < 3; part++) {
      const [a, b] = [anchors[from]?.[part] ?? 0, anchors[from + 1]?.[part] ?? 0];
      palette[3 * (step + 1) + part] = Math.round(a + (b - a) * (at - from));
    }
  }
  return palette;
}
