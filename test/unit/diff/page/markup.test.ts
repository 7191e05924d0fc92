/** Text and numbers of a page; titles in ROOT's notation; images. */
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakable, countOf, countText, escaped, numberText, shortened } from '../../../../src/diff/page/markup.ts';
import { encodePng } from '../../../../src/diff/page/png-image.ts';
import { htmlTitle, plainTitle, svgTitle } from '../../../../src/diff/page/root-text.ts';
import { HOSTILE } from '../../../page-files.ts';

describe('text', () => {
  it('cannot become markup, whatever it is', () => {
    expect(escaped(`<a b='c' d="e">&amp;`)).toBe('&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;amp;');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const made of [
          escaped(text),
          breakable(text).replaceAll('<wbr>', ''),
          htmlTitle(text).replaceAll(/<\/?su[bp]>/g, ''),
          svgTitle(text, 20).replaceAll(/<tspan( class="shifted")? dy="-?\d+">|<\/tspan>/g, ''),
        ]) {
          expect(made).not.toMatch(/[<>"']/);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('shows what cannot be seen', () => {
    expect(escaped(HOSTILE.hidden)).toBe('a\\u{202e}b\\u{7}c');
    expect(escaped('\ud800x\u{1f600}\n')).toBe('\\u{d800}x\u{1f600}\\u{a}');
  });

  it('is cut between characters', () => {
    expect([shortened('\u{1f600}\u{1f600}\u{1f600}', 2), shortened('abc', 3)]).toEqual(['\u{1f600}…', 'abc']);
  });

  it('counts', () => {
    expect([countText(1_234_567), countOf(1, 'file'), countOf(2, 'entry', 'entries')]).toEqual([
      '1\u202f234\u202f567',
      '1 file',
      '2 entries',
    ]);
  });
});

describe('numbers', () => {
  it('have four digits, and powers of ten where they are far from 1', () => {
    expect(
      [0, 1, -1.5, 1234.5678, 123_456, 999_999, 1e6, -1e6, 1.25e-9, 0.0001234, NaN, -Infinity].map((value) => numberText(value)),
    ).toEqual(['0', '1', '−1.5', '1235', '123456', '10⁶', '10⁶', '−10⁶', '1.25×10⁻⁹', '0.0001234', 'NaN', '-Infinity']);
    expect(numberText(9.99996)).toBe('10');
    expect(numberText(1 / 3, 7)).toBe('0.3333333');
  });

  it('say what they are', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: -1e300, max: 1e300 }).filter((value) => value === 0 || Math.abs(value) > 1e-300),
        (value) => {
          const [mantissa = '', power] = numberText(value)
            .replace(/^(−?)10(?=[⁻⁰-⁹¹²³])/, '$11×10')
            .replace('−', '-')
            .split('×10');
          const exponent = Array.from(power ?? '', (c) => (c === '⁻' ? '-' : String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c)))).join('');
          const read = Number(`${mantissa}e${exponent === '' ? 0 : exponent}`);
          expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.abs(value) * 6e-4);
        },
      ),
    );
  });
});

describe("titles in ROOT's notation", () => {
  it('have Greek letters, subscripts and superscripts', () => {
    expect(htmlTitle('p_{T} of #mu^{+} #pm 1 [GeV^2]')).toBe('p<sub>T</sub> of μ<sup>+</sup> ± 1 [GeV<sup>2</sup>]');
    expect(svgTitle('p_{T}', 10)).toBe('p<tspan class="shifted" dy="8">T</tspan><tspan dy="-8">\u200b</tspan>');
    expect(plainTitle('m_{T} #eta')).toBe('mT η');
  });

  it('keep what is no notation', () => {
    expect(htmlTitle('#unknown a_ {b} <i>#lt')).toBe('#unknown a_ {b} &lt;i&gt;#lt');
    expect(htmlTitle('jet_<script>')).toBe('jet_&lt;script&gt;');
  });
});

describe('an image', () => {
  it('is a PNG of its pixels', () => {
    const png = Buffer.from(encodePng(3, Uint8Array.of(0, 1, 2, 3, 4, 5), new Uint8Array(18).fill(7)));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20), ...png.subarray(24, 29)]).toEqual([3, 2, 8, 3, 0, 0, 0]);
    const at = png.indexOf('IDAT');
    expect([...inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))]).toEqual([0, 0, 1, 2, 0, 3, 4, 5]);
    expect(png.readUInt32BE(png.length - 4)).toBe(0xae42_6082); // checksum of the end, the same in every PNG
  });
});
