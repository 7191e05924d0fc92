/** The page: what it counts and draws, that names cannot break it, that it is the same each time, and says what it leaves out. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  UsageError,
  createRootFile,
  diffFiles,
  diffMerged,
  htmlReport,
  merge,
  type DiffReport,
  type HtmlOptions,
  type ObjectComparison,
} from '../../../../src/index.ts';
import { escaped } from '../../../../src/diff/page/markup.ts';
import { HOSTILE, writePageFile } from '../../../page-files.ts';
import { Scratch, fixture } from '../../../scratch.ts';

const scratch = new Scratch();
const [older, newer] = [scratch.path('old.root'), scratch.path('new.root')];
let report: DiffReport;

beforeAll(async () => {
  writePageFile(older, 'old');
  writePageFile(newer, 'new');
  report = await diffFiles(older, newer, { distributions: 100 });
});
afterAll(() => scratch[Symbol.dispose]());

function page(of: DiffReport, options?: HtmlOptions): string {
  return [...htmlReport(of, options)].join('');
}

/** The card of an object, or undefined. */
function cardOf(html: string, path: string): string | undefined {
  return html
    .split('<section class="card"')
    .slice(1)
    .find((card) => card.includes(`data-text="${path.toLowerCase()} `))
    ?.split('</section>')[0];
}

function countOf(text: string | undefined, part: string): number {
  return (text ?? '').split(part).length - 1;
}

describe('the page of two files', () => {
  it('counts objects by verdict and lists the worst first', () => {
    const html = page(report);
    const different = report.counts.different ?? 0;
    expect(html).toContain('<p class="outcome bad">The files differ</p>');
    expect(html).toContain(`data-verdict="different" aria-pressed="true"><b>${different}</b> different</button>`);
    const verdicts = Array.from(html.matchAll(/<tr data-verdict="([a-z-]+)"/g), ([, verdict]) => verdict);
    expect(verdicts).toEqual([...Array.from({ length: different }, () => 'different'), 'only-right', 'same']);
    expect(countOf(html, '<section class="card"')).toBe(different);
    expect(countOf(html, '<td class="first">not in the left file</td>')).toBe(1);
  });

  it('draws one, two and three dimensions and profiles', () => {
    const html = page(report);
    expect(['/counts', '/profile', '/map', '/cube'].map((path) => countOf(cardOf(html, path), '<svg'))).toEqual([1, 1, 1, 3]);
    expect(countOf(cardOf(html, '/map'), '<image')).toBe(6);
    expect(cardOf(html, '/profile')).toContain('class="test points"');
    expect(cardOf(html, '/counts')).toContain('>p<tspan class="shifted" dy="8">T</tspan>');
    expect(cardOf(html, '/counts')).toContain('<q>p<sub>T</sub> of μ</q>');
  });

  it('has the numbers of both sides', () => {
    const card = cardOf(page(report), '/counts') ?? '';
    expect(card).toContain('<th scope="row">entries</th><td>100</td><td>105</td>');
    expect(card).toContain('<th scope="row">bins that differ</th><td colspan="2">1 of 4</td>');
    expect(card).toContain(`<th scope="row">largest pull</th><td colspan="2">${(5 / Math.sqrt(85)).toFixed(4)}</td>`);
  });

  it('has the distributions of branches, with the entries that differ', () => {
    const card = cardOf(page(report), '/events') ?? '';
    expect(card).toContain('<h4>energy</h4><p class="facts">20 entries differ · right − left: mean 0.5, RMS 0, from 0.5 to 0.5</p>');
    expect(card).toContain('<h4>id</h4><p class="facts">1 entry differs · right − left: mean 3, RMS 0, from 3 to 3</p>');
    expect(card).toContain('<h4>name</h4><p class="facts">1 entry differs</p>');
    expect(card).toContain('<td>&quot;event 3&quot;</td><td>&quot;&lt;b&gt;bold&lt;/b&gt;&quot;</td>');
    expect(card).not.toContain('<h4>equal</h4>');
    expect(countOf(card, '<svg')).toBe(2);
  });

  it('has the distributions of entries that are joined by key', async () => {
    const joined = await diffFiles(older, newer, { distributions: 100, match: ['id'], include: ['/events'] });
    // Entry 7 of the second file has the key of entry 10: it is the one that entry 10 of the first is held against.
    const energy = joined.objects[0]?.distributions?.find(({ name }) => name === 'energy');
    expect(energy).toMatchObject({ entryCount: 20, valueCount: 20, min: -3, max: 0.5 });
    expect(cardOf(page(joined), '/events')).toContain('<th scope="row">[0] (id=0)</th>');
  });

  it('obeys no name, title, label or value', () => {
    for (const interactive of [false, true]) {
      const html = page(report, { interactive });
      const markup = html.replaceAll(/<script>.*?<\/script>/gs, '').replace(/<style>.*?<\/style>/s, '');
      expect(markup.match(/<script(?! type="application\/json">)|<img|<!--|<b>bold/g)).toBeNull();
      const others = Array.from(markup.matchAll(/<!?([a-z]+[0-9]?)/gi), ([, name = '']) => name).filter((name) => !ELEMENTS.has(name));
      expect(others).toEqual([]);
      const attributes = Array.from(markup.matchAll(/<[a-z][^>]*>/g), ([tag]) => tag.replaceAll(/"[^"]*"/g, '')).join('');
      expect(attributes.match(/ (on[a-z]+|style|srcdoc|formaction)\b/g)).toBeNull();
      expect(html.includes('\u202e') || html.includes('\u0007')).toBe(false);
      for (const name of Object.values(HOSTILE)) {
        if (!name.includes('/')) {
          expect([name, countOf(cardOf(html, escaped(`/hostile/${name}`.toLowerCase())), '<svg')]).toEqual([name, 1]);
        }
      }
    }
  });

  it('lets its own scripts and styles run, by their hashes, and nothing be fetched', () => {
    for (const interactive of [false, true]) {
      const html = page(report, { interactive });
      const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
      const scripts = Array.from(html.matchAll(/<script>(.*?)<\/script>/gs), ([, code = '']) => code);
      expect(scripts.length).toBe(interactive ? 3 : 1);
      for (const code of scripts) expect(policy).toContain(`'sha256-${createHash('sha256').update(code).digest('base64')}'`);
      expect(policy).toContain("default-src 'none'; img-src data:");
      expect(policy).not.toContain('unsafe-eval');
      expect(html.replaceAll(/<script>.*?<\/script>/gs, '').match(/(src|href)="(?!#|data:)[^"]*"/g)).toBeNull();
    }
  });

  it('is the same each time', async () => {
    const again = await diffFiles(older, newer, { distributions: 100 });
    expect(page(again)).toBe(page(report));
    expect(page(again, { interactive: true })).toBe(page(report, { interactive: true }));
  });
});

/** Every element a page may have. */
const ELEMENTS = new Set([
  'DOCTYPE',
  'html',
  'head',
  'meta',
  'title',
  'link',
  'style',
  'body',
  'header',
  'h1',
  'h2',
  'h3',
  'h4',
  'p',
  'dl',
  'dt',
  'dd',
  'wbr',
  'span',
  'ul',
  'li',
  'button',
  'b',
  'div',
  'input',
  'output',
  'label',
  'main',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
  'a',
  'section',
  'svg',
  'g',
  'path',
  'text',
  'tspan',
  'image',
  'figure',
  'details',
  'summary',
  'code',
  'q',
  'sub',
  'footer',
  'script',
]);

it('histograms made by ROOT can all be drawn', async () => {
  const found = await diffFiles(fixture('hists_0.root'), fixture('hists_1.root'));
  const html = page(found);
  for (const { path, verdict, className } of found.objects) {
    if (verdict === 'different' && className !== 'TProfile3D') {
      expect([path, countOf(cardOf(html, path), '<svg') > 0]).toEqual([path, true]);
    }
  }
  expect(html.replaceAll(/<script>.*?<\/script>/gs, '').replaceAll(/>NaN</g, '')).not.toMatch(/NaN|undefined|Infinity/);
});

describe('a page of statistical tests', () => {
  it('has their p-values, the lowest first', async () => {
    const found = await diffFiles(older, newer, { compat: 'chi2', threshold: 0 });
    const html = page(found);
    expect(cardOf(html, '/counts')).toMatch(/TH1F · chi2 p = [\d.]+ · chi2 \/ ndf = /);
    const paths = Array.from(
      html.matchAll(/<section class="card" id="[^"]*" data-verdict="compatible" data-text="(\S+) /g),
      ([, path = '']) => path,
    );
    const values = new Map(found.objects.map(({ path, compatibility }) => [path, compatibility?.pValue ?? 0]));
    const sorted = paths.filter((path) => values.has(path)).map((path) => values.get(path) ?? 0);
    expect(sorted.length).toBeGreaterThan(2);
    expect(sorted).toEqual(sorted.toSorted((a, b) => a - b));
  });
});

describe('what a page leaves out', () => {
  it('is said: drawings beyond the number asked for', () => {
    const html = page(report, { maxPlots: 2 });
    expect(countOf(html, '<svg')).toBe(2);
    expect(html).toContain('there are more drawings than');
    expect(countOf(page(report, { maxPlots: 0 }), '<svg')).toBe(0);
    expect(() => page(report, { maxPlots: 1.5 })).toThrow(UsageError);
  });

  it('is said: distributions beyond the number asked for', async () => {
    const few = await diffFiles(older, newer, { distributions: 1 });
    const events = few.objects.find(({ path }) => path === '/events');
    expect([events?.distributions?.map(({ name }) => name), events?.distributionsOmitted]).toEqual([['energy'], 2]);
    expect(cardOf(page(few), '/events')).toContain('… and 2 more, for which there is no room');
    expect((await diffFiles(older, newer)).objects.every(({ distributions }) => distributions === undefined)).toBe(true);
  });

  it('is said: rows and cards of very many objects', () => {
    const object = (i: number): ObjectComparison => ({
      path: `/o${i}`,
      className: 'TNamed',
      verdict: 'different',
      differenceCount: 1,
      differences: [{ at: 'fTitle', left: 'a', right: 'b' }],
      notes: [],
    });
    const html = page({
      schemaVersion: 1,
      kind: 'files',
      left: 'a',
      right: ['b'],
      isSame: false,
      counts: { different: 6000 },
      objects: Array.from({ length: 6000 }, (_, i) => object(i)),
    });
    expect([countOf(html, '<tr data-verdict'), countOf(html, '<section')]).toEqual([5000, 1000]);
    expect(html).toContain('The table shows the first 5\u202f000 of 6\u202f000 objects');
    expect(html).toContain('The 1\u202f000 worst of 6\u202f000 objects are shown in full.');
  });

  it('is said: what cannot be read any more, or drawn', async () => {
    const [a, b] = [scratch.path('gone.root'), scratch.path('other-bins.root')];
    writePageFile(a, 'old');
    using file = createRootFile(b);
    file
      .bookHistogram('/', {
        className: 'TH2D',
        name: 'map',
        axes: [
          { bins: 5, min: 0, max: 20 },
          { bins: 10, min: 0, max: 10 },
        ],
      })
      .fill(1, 1);
    file.bookHistogram('/', { className: 'TH1F', name: 'counts', axes: [{ bins: 8, min: 0, max: 8 }] }).fill(1);
    file.close();
    const found = await diffFiles(a, b);
    const html = page(found);
    expect(cardOf(html, '/map')).toContain('Not drawn: the axes differ.');
    expect(cardOf(html, '/counts')).toContain('<tr class="unequal"><th scope="row">axes</th><td colspan="2">differ</td></tr>');
    expect(cardOf(html, '/counts')).not.toContain('class="pull"');
    scratch.put('gone.root', 'not a ROOT file any more');
    expect(cardOf(page(found), '/counts')).toContain('Not drawn: ');
  });
});

describe('the page of a merge', () => {
  it('draws the sum of the inputs against the output', async () => {
    const inputs = [older, newer];
    const output = scratch.path('merged.root');
    await merge(inputs, { output });
    const right = await diffMerged(output, inputs, { distributions: 10 });
    expect(page(right)).toContain('<p class="outcome good">The merge is right</p>');
    const wrong = await diffMerged(newer, inputs, { distributions: 10 });
    const html = page(wrong);
    expect(html).toContain('<p class="outcome bad">The merge is wrong</p>');
    const card = cardOf(html, '/counts') ?? '';
    expect(card).toContain('<th scope="row">entries</th><td>205</td><td>105</td>');
    expect(card).toContain('>expected: sum of 2 inputs</text>');
    expect(card).toContain('<span class="badge lost">lost</span>');
    expect(cardOf(html, '/cube')).toContain('<svg');
  });

  it('negates distributions: merged minus expected', async () => {
    const found = await diffMerged(newer, [older], { distributions: 10 });
    expect(cardOf(page(found), '/events')).toContain('merged − expected: mean 0.5, RMS 0, from 0.5 to 0.5');
  });

  it('says so where inputs have no common bins', async () => {
    const paths = [4, 8].map((bins) => {
      const path = scratch.path(`bins${bins}.root`);
      using file = createRootFile(path);
      file.bookHistogram('/', { className: 'TH1F', name: 'h', axes: [{ bins, min: 0, max: bins }] }).fill(1);
      file.close();
      return path;
    });
    const found = await diffMerged(paths[0] as string, paths);
    expect(cardOf(page(found), '/h')).toContain('there is no sum bin by bin');
  });
});

describe('the interactive page', () => {
  it('carries the bins, and the licence of what draws them', () => {
    const html = page(report, { interactive: true });
    const block = /<script type="application\/json">(.*?)<\/script>/s.exec(cardOf(html, '/counts') ?? '')?.[1] ?? '';
    expect(JSON.parse(block)).toEqual({
      title: 'p_{T} of #mu',
      names: ['left: old.root', 'right: new.root'],
      axes: [{ bins: 4, low: 0, high: 4, title: 'p_{T} [GeV]' }],
      isProfile: false,
      reference: { entries: 100, contents: [0, 10, 20, 30, 40, 0] },
      test: { entries: 105, contents: [0, 10, 20, 30, 45, 0] },
    });
    expect(html).toContain('The MIT License');
    expect(html).toContain('JavaScript ROOT authors');
    expect(cardOf(html, '/cube')).toContain('Not interactive: three dimensions.');
  });
});
