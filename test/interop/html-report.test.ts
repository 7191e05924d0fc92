/** Pages of pool-diff in a real browser: opened from disk without a network, used, looked at. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiffFile, contentKind } from '../../src/diff/object/file-objects.ts';
import { isPoolMergeError } from '../../src/errors.ts';
import { htmlReport, type ObjectComparison } from '../../src/index.ts';
import { HOSTILE, writePageFile } from '../page-files.ts';
import { fixture } from '../scratch.ts';
import { colourCount, findBrowser, openOffline, pixelsOf, placesOf, startBrowser, type Pixels } from './browser.ts';
import { CORPUS, corpusFiles } from './corpus.ts';

const TOOL = fileURLToPath(new URL('../../bin/pool-diff.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pool-merge-page-'));
const inFolder = (name: string): string => join(folder, name);

/** Colours of the page in the light. */
const REFERENCE = '#0072b2';
const TEST = '#d1490c';
const STRIP = '#e0a800';

function writePage(name: string, ...args: string[]): string {
  const { status, stderr } = spawnSync(process.execPath, [TOOL, '-q', '--html', inFolder(name), ...args], { encoding: 'utf8' });
  if (status !== 1) throw new Error(`exit code ${status}: ${stderr}`);
  return inFolder(name);
}

function card(page: Page, path: string): ReturnType<Page['locator']> {
  return page
    .locator('.card')
    .filter({ has: page.getByRole('heading', { name: path }) })
    .first();
}

describe.skipIf(findBrowser() === undefined)('a page in Chromium', () => {
  let browser: Browser;
  const paths = { still: '', interactive: '', merged: '', fixtures: '' };

  beforeAll(async () => {
    const [older, newer] = [inFolder('old.root'), inFolder('new.root')];
    writePageFile(older, 'old');
    writePageFile(newer, 'new');
    paths.still = writePage('still.html', older, newer);
    paths.interactive = writePage('interactive.html', '--interactive', older, newer);
    paths.merged = writePage('merged.html', '--interactive', '--merged', newer, older, newer);
    paths.fixtures = writePage('fixtures.html', '--interactive', fixture('hists_0.root'), fixture('hists_1.root'));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function lookAt(page: Page, path: string): Promise<Pixels> {
    return pixelsOf(browser, await card(page, path).screenshot());
  }

  it('opens without a complaint and without a request', async () => {
    for (const path of Object.values(paths)) {
      const { page, complaints } = await openOffline(browser, path);
      await page.waitForTimeout(100);
      expect([path, complaints]).toEqual([path, []]);
      expect(await page.locator('.card').count()).toBeGreaterThan(3);
      await page.context().close();
    }
  });

  it('shows the two curves, and the bin that differs', async () => {
    const { page } = await openOffline(browser, paths.still);
    const pixels = await lookAt(page, '/counts');
    expect(pixels.width).toBeGreaterThan(900);
    expect(pixels.height).toBeGreaterThan(400);
    expect(colourCount(pixels)).toBeGreaterThan(50);
    const [reference, test, strip] = [REFERENCE, TEST, STRIP].map((colour) => placesOf(pixels, colour)) as [
      [number, number][],
      [number, number][],
      [number, number][],
    ];
    expect(Math.min(reference.length, test.length)).toBeGreaterThan(150);
    // The fourth of four bins differs: its mark is in the right quarter of the panel, which is what the filled curve spans.
    const box = await card(page, '/counts').locator('path.reference').nth(1).boundingBox();
    const around = await card(page, '/counts').boundingBox();
    const [left, width] = [(box?.x ?? 0) - (around?.x ?? 0), box?.width ?? 0];
    expect(width).toBeGreaterThan(400);
    expect(strip.length).toBeGreaterThan(200);
    for (const [x] of strip) expect((x - left) / width).toBeGreaterThan(0.74);
    await page.context().close();
  });

  it('shows maps and their difference', async () => {
    const { page } = await openOffline(browser, paths.still);
    const pixels = await lookAt(page, '/map');
    expect(placesOf(pixels, '#fde725').length).toBeGreaterThan(20); // the highest contents
    expect(placesOf(pixels, '#440154').length).toBeGreaterThan(20); // the lowest
    const red = placesOf(pixels, '#b2182b');
    expect(red.length).toBeGreaterThan(30); // the one cell that differs, and the end of the colour bar
    expect(Math.min(...red.map(([x]) => x))).toBeGreaterThan(Math.max(...placesOf(pixels, '#fde725').map(([x]) => x)));
    await page.context().close();
  });

  it('filters rows and cards by text and by verdict', async () => {
    const { page, complaints } = await openOffline(browser, paths.still);
    const rows = page.locator('.overview tbody tr:visible');
    const all = await rows.count();
    await page.keyboard.press('/');
    await page.keyboard.type('COUNTS th1');
    expect(await rows.allInnerTexts()).toEqual([expect.stringContaining('/counts')]);
    expect(await page.locator('.card:visible').count()).toBe(1);
    expect(await page.locator('#shown').innerText()).toBe(`1 of ${all} rows shown`);
    await page.fill('#filter', 'nothing has this name');
    expect(await rows.count()).toBe(0);
    await page.fill('#filter', '');
    await page.getByRole('button', { name: 'different' }).click();
    expect((await rows.allInnerTexts()).every((text) => !text.includes('different'))).toBe(true);
    expect(await page.locator('.card:visible').count()).toBe(0);
    await page.getByRole('button', { name: 'different' }).click();
    expect(await rows.count()).toBe(all);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows names as they are, and obeys none', async () => {
    for (const path of [paths.still, paths.interactive]) {
      const { page, complaints } = await openOffline(browser, path);
      const text = (await page.locator('body').innerText()).replaceAll('\u200b', '');
      for (const name of [HOSTILE.script, HOSTILE.image, HOSTILE.entity]) expect(text).toContain(name);
      expect(text).toContain('a\\u{202e}b\\u{7}c');
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.title()).toMatch(/^pool-diff: /);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });

  it('switches to a logarithmic view', async () => {
    const { page } = await openOffline(browser, paths.fixtures);
    const view = page.locator('g.logarithmic').first();
    expect(await view.isVisible()).toBe(false);
    await page.check('#log');
    expect(await view.isVisible()).toBe(true);
    expect(await page.locator('g.linear').first().isVisible()).toBe(false);
    await page.context().close();
  });

  it('is dark where that is wished, complete without scripts, and can be printed', async () => {
    const dark = await openOffline(browser, paths.still, { colorScheme: 'dark' });
    const pixels = await lookAt(dark.page, '/counts');
    expect(placesOf(pixels, '#171c23').length).toBeGreaterThan((pixels.width * pixels.height) / 3);
    expect(placesOf(pixels, '#56b4e9').length).toBeGreaterThan(150);
    await dark.page.context().close();
    const silent = await openOffline(browser, paths.still, { javaScriptEnabled: false });
    expect(await silent.page.locator('.tools').isVisible()).toBe(false);
    expect(await silent.page.locator('.card svg').first().isVisible()).toBe(true);
    expect((await silent.page.pdf()).length).toBeGreaterThan(20_000);
    await silent.page.context().close();
  });

  it('has a name for every drawing, and heads for every table', async () => {
    const { page } = await openOffline(browser, paths.fixtures);
    expect(await page.locator('svg:not([aria-label])').count()).toBe(0);
    expect(await page.locator('table:not(:has(th[scope=col]))').count()).toBe(0);
    expect(await page.locator('html[lang=en] main').count()).toBe(1);
    await page.context().close();
  });

  it('lets every histogram of one and two dimensions be explored', async () => {
    for (const path of [paths.interactive, paths.merged, paths.fixtures]) {
      const { page, complaints } = await openOffline(browser, path);
      const buttons = page.getByRole('button', { name: 'Explore' });
      const count = await buttons.count();
      expect(count).toBeGreaterThan(5);
      for (let i = 0; i < count; i++) await buttons.first().click();
      await expect.poll(() => page.locator('.plots[data-drawn]').count(), { timeout: 60_000 }).toBe(count);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });

  it('draws in an explored histogram what the still one shows, and goes back', async () => {
    const { page, complaints } = await openOffline(browser, paths.interactive);
    const counts = card(page, '/counts');
    await counts.getByRole('button', { name: 'Explore' }).click();
    await counts.locator('.plots[data-drawn]').waitFor();
    expect(await counts.locator('.canvas svg path').count()).toBeGreaterThan(2);
    const pixels = await lookAt(page, '/counts');
    expect(placesOf(pixels, '#ff6600').length).toBeGreaterThan(100);
    expect(placesOf(pixels, '#0066cc').length).toBeGreaterThan(100);
    await counts.getByRole('button', { name: 'Back' }).click();
    expect([await counts.locator('.canvas').count(), await counts.locator('figure svg').isVisible()]).toEqual([0, true]);
    const map = card(page, '/map');
    await map.getByRole('button', { name: 'Explore' }).click();
    await map.locator('.plots[data-drawn]').waitFor();
    expect(await map.locator('.canvas svg').count()).toBeGreaterThanOrEqual(3);
    expect(colourCount(await lookAt(page, '/map'))).toBeGreaterThan(100);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is small: the still one below 100 KB here, the interactive one by the library more', () => {
    const [still, interactive] = [paths.still, paths.interactive].map((path) => readFileSync(path).length) as [number, number];
    expect(still).toBeLessThan(100_000);
    expect(interactive - still).toBeLessThan(650_000);
  });
});

/** Files of the corpus up to this size are drawn. */
const MAX_BYTES = 20e6;
/** Histograms drawn of one file. */
const MAX_PER_FILE = 100;

/** Every histogram of a file, as if it had been found different. */
function histogramsOf(path: string): ObjectComparison[] {
  using file = new DiffFile(path);
  const objects = [...file.objects].flatMap(([at, [newest]]) =>
    newest !== undefined && contentKind(newest.className) === 'histogram' ? [{ path: at, className: newest.className }] : [],
  );
  return objects.slice(0, MAX_PER_FILE).map((object) => ({
    ...object,
    verdict: 'different',
    differenceCount: 1,
    differences: [{ at: 'fArray[1]', left: '1', right: '2' }],
    notes: [],
  }));
}

describe.skipIf(CORPUS === undefined)('histograms of the corpus', () => {
  it('can all be drawn, still and interactive', () => {
    const corpus = CORPUS as string;
    const odd: string[] = [];
    let drawn = 0;
    for (const path of corpusFiles(corpus)
      .map((name) => join(corpus, name))
      .filter((each) => statSync(each).size <= MAX_BYTES)) {
      let objects: ObjectComparison[];
      try {
        objects = histogramsOf(path);
      } catch (err) {
        if (!isPoolMergeError(err)) throw err;
        continue; // damaged
      }
      const [, ...cards] = [
        ...htmlReport(
          { schemaVersion: 1, kind: 'files', left: path, right: [path], isSame: false, counts: {}, objects },
          { maxPlots: 1000, interactive: true },
        ),
      ]
        .join('')
        .split('<section class="card"');
      for (const card of cards) {
        const name = /data-text="([^"]*)"/.exec(card)?.[1] ?? '';
        const drawing = card.split('<script')[0] ?? '';
        if (
          drawing.includes('<svg') &&
          !/="[^"]*(NaN|Infinity|undefined)[^"]*"/.test(drawing.replace(/^[^>]*>/, '').replaceAll(/data:[^"]*/g, ''))
        ) {
          drawn++;
        } else odd.push(`${path} ${name}: ${/class="note">([^<]*)/.exec(card)?.[1] ?? 'numbers'}`);
      }
    }
    expect(odd.filter((each) => !each.includes('tprofile3d'))).toEqual([]);
    expect(drawn).toBeGreaterThan(250);
  });
});
