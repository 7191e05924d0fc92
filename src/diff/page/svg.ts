/** Elements of a drawing as text. */
import { escaped } from './markup.ts';

/** A drawing of some units. `description` is said to those who cannot see it; `className`: a class of the style sheet. */
export function svgDrawing(size: { width: number; height: number }, description: string, parts: readonly string[], className = ''): string {
  const classes = className === '' ? '' : `class="${className}" `;
  const head = `<svg ${classes}viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(description)}">`;
  return `${head}${parts.join('')}</svg>`;
}

/** A path whose looks are those of its classes. */
export function svgPath(classes: string, data: string): string {
  return `<path class="${classes}" d="${data}"/>`;
}
