/**
 * Probabilities of test statistics: chi-square, Kolmogorov, normal. Formulas: Abramowitz and Stegun 6.1, 6.5; Press et
 * al., Numerical Recipes 6.2, 14.3.
 */

/** Where series and continued fractions are good enough. */
const PRECISION = 1e-16;
/** Steps after which either has converged for 10^7 degrees of freedom. */
const MAX_STEPS = 100_000;
/** Stands for 0 in a denominator of a continued fraction. */
const TINY = 1e-300;
/** Where Stirling's series is exact to 1e-16. */
const STIRLING_FROM = 16;
/** Terms of Stirling's series: B(2k) / (2k (2k - 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360];

/** Probability of a chi-square of at least `chi2` for `ndf` degrees of freedom; 0 without any, as TMath::Prob. */
export function chiSquareProbability(chi2: number, ndf: number): number {
  if (ndf <= 0 || chi2 < 0) return 0;
  return upperGamma(ndf / 2, chi2 / 2);
}

/** Probability that a normal deviate is at least `z` standard deviations from its mean, on either side. */
export function normalProbability(z: number): number {
  return z === Infinity ? 0 : upperGamma(0.5, (z * z) / 2);
}

/** Regularised upper incomplete gamma function Q(a, x). */
function upperGamma(a: number, x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  const factor = gammaDensity(a, x);
  return x < a + 1 ? 1 - factor * lowerSeries(a, x) : factor * upperFraction(a, x);
}

/**
 * x^a e^-x / Γ(a), without the cancellation that ln Γ of large arguments brings: with Stirling's series it is
 * √(a / 2π) exp(-a (u - ln(1 + u)) - series) for u = (x - a) / a.
 */
function gammaDensity(a: number, x: number): number {
  if (a < STIRLING_FROM) return Math.exp(a * Math.log(x) - x - logGamma(a));
  const u = (x - a) / a;
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(-a * (u - Math.log1p(u)) - stirling(a));
}

function stirling(a: number): number {
  return STIRLING.reduce((sum, term, k) => sum + term / a ** (2 * k + 1), 0);
}

/** ln Γ(a) by the recurrence up to where Stirling's series holds. */
function logGamma(a: number): number {
  let [at, product] = [a, 1];
  while (at < STIRLING_FROM) product *= at++;
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + stirling(at) - Math.log(product);
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MAX_STEPS && term > sum * PRECISION; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** The continued fraction, by Lentz's method. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / (Math.abs(b) < TINY ? TINY : b);
  let h = d;
  for (let n = 1; n < MAX_STEPS; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / notZero(an * d + b);
    c = notZero(b + an / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) break;
  }
  return h;
}

function notZero(x: number): number {
  return Math.abs(x) < TINY ? TINY : x;
}

/** Where TMath::KolmogorovProb changes from 1 to one form of the series, to the other one, to 0. */
const KOLMOGOROV_BORDERS = [0.2, 0.755, 6.8116] as const;
/** √2π, to the digits TMath::KolmogorovProb has. */
const ROOT_OF_2_PI = 2.506_628_27;

/**
 * Probability of a Kolmogorov distance of at least `z` (largest distance times the root of the effective number of
 * entries). Both forms of the series are cut where TMath::KolmogorovProb cuts them.
 */
export function kolmogorovProbability(z: number): number {
  const u = Math.abs(z);
  const [first, second, third] = KOLMOGOROV_BORDERS;
  if (u < first) return 1;
  if (u < second) {
    const exponent = -(Math.PI ** 2) / (8 * u * u);
    return 1 - (ROOT_OF_2_PI / u) * [1, 3, 5].reduce((sum, k) => sum + Math.exp(k * k * exponent), 0);
  }
  if (!(u < third)) return Number.isNaN(u) ? u : 0;
  const terms = Math.max(1, Math.round(3 / u));
  let sum = 0;
  for (let k = 1; k <= terms; k++) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * u * u);
  return 2 * sum;
}
