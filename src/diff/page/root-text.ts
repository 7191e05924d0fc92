/**
 * Titles in ROOT's notation for formulas (TLatex) as markup: Greek letters, symbols, subscripts and superscripts.
 * Anything else stays as it is.
 */
import { escaped, shortened } from './markup.ts';

const GREEK: Readonly<Record<string, string>> = {
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  epsilon: 'ε',
  varepsilon: 'ε',
  zeta: 'ζ',
  eta: 'η',
  theta: 'θ',
  iota: 'ι',
  kappa: 'κ',
  lambda: 'λ',
  mu: 'μ',
  nu: 'ν',
  xi: 'ξ',
  omicron: 'ο',
  pi: 'π',
  rho: 'ρ',
  sigma: 'σ',
  tau: 'τ',
  upsilon: 'υ',
  phi: 'φ',
  varphi: 'ϕ',
  chi: 'χ',
  psi: 'ψ',
  omega: 'ω',
  Gamma: 'Γ',
  Delta: 'Δ',
  Theta: 'Θ',
  Lambda: 'Λ',
  Xi: 'Ξ',
  Pi: 'Π',
  Sigma: 'Σ',
  Phi: 'Φ',
  Psi: 'Ψ',
  Omega: 'Ω',
};
const SYMBOLS: Readonly<Record<string, string>> = {
  pm: '±',
  mp: '∓',
  times: '×',
  leq: '≤',
  geq: '≥',
  neq: '≠',
  approx: '≈',
  rightarrow: '→',
  leftarrow: '←',
  infty: '∞',
  cdot: '·',
  circ: '°',
  sum: '∑',
  int: '∫',
  partial: '∂',
  sqrt: '√',
  ell: 'ℓ',
  parallel: '∥',
  perp: '⊥',
};
const COMMAND = /#([A-Za-z]+)/g;
/** A subscript or superscript: one character, or a group without groups in it. */
const SHIFTED = /([_^])(?:\{([^{}]*)\}|([A-Za-z0-9+*-]))/g;

/** How text below or above the line is written. */
type Shift = (isBelow: boolean, text: string) => string;

/** A title as children of an SVG `text` element. */
export function svgTitle(title: string, length: number): string {
  return titled(
    title,
    length,
    (isBelow, text) => `<tspan class="shifted" dy="${isBelow ? 8 : -12}">${text}</tspan><tspan dy="${isBelow ? -8 : 12}">\u200b</tspan>`,
  );
}

/** A title as HTML. */
export function htmlTitle(title: string): string {
  return titled(title, Infinity, (isBelow, text) => (isBelow ? `<sub>${text}</sub>` : `<sup>${text}</sup>`));
}

/** A title without marks: subscripts and superscripts stand on the line. */
export function plainTitle(title: string): string {
  return withSymbols(title).replaceAll(
    SHIFTED,
    (_, _mark: string, group: string | undefined, single: string | undefined) => group ?? single ?? '',
  );
}

function withSymbols(title: string): string {
  return title.replaceAll(COMMAND, (command, name: string) => GREEK[name] ?? SYMBOLS[name] ?? command);
}

function titled(title: string, length: number, shift: Shift): string {
  const plain = withSymbols(title);
  // A title that is cut might end within a group: its marks stay.
  const cut = Number.isFinite(length) ? shortened(plain, length) : plain;
  return escaped(cut).replaceAll(SHIFTED, (_, mark: string, group: string | undefined, single: string | undefined) =>
    shift(mark === '_', group ?? single ?? ''),
  );
}
