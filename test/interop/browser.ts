/**
 * The browser that judges pages: Chromium, from $CHROMIUM or where distributions put it. Where there is none and we are root, it is
 * installed with apt, within a time limit; without it the tests that need it are skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];
/** Milliseconds for each call of apt. */
const INSTALL_LIMIT = 150_000;

/** Path of the browser; undefined when there is none. */
export function findBrowser(): string | undefined {
  const asked = process.env['CHROMIUM'];
  return (asked === undefined ? PLACES : [asked]).find((path) => path !== '' && existsSync(path));
}

/** Installs the browser where that is possible; says so when it is not. An empty $CHROMIUM asks to go without. */
export function getBrowser(): void {
  if (findBrowser() !== undefined) return;
  if (process.env['CHROMIUM'] === undefined && process.platform === 'linux' && process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
    ]) {
      spawnSync('apt-get', args, { stdio: 'ignore', timeout: INSTALL_LIMIT, env });
    }
  }
  if (findBrowser() === undefined) console.warn('no Chromium: pages are not judged (install it, or set CHROMIUM to its path)');
}

/** Starts the browser without a window. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findBrowser() ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
    timeout: 60_000,
  });
}

/** A page opened from disk without a network, and what went wrong in it. */
export interface OpenPage {
  page: Page;
  /** Errors, warnings of the console, dialogs, and requests other than for the page itself. */
  complaints: string[];
}

/** Opens a file in a window of its own. */
export async function openOffline(browser: Browser, path: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ offline: true, viewport: { width: 1250, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const address = `file://${path}`;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  return { page, complaints };
}

/** Pixels of a screenshot. */
export interface Pixels {
  width: number;
  height: number;
  /** Red, green, blue, opacity of each pixel, row by row. */
  values: Uint8Array;
}

interface DecodedImage {
  width: number;
  height: number;
  text: string;
}

/** Code for the browser: the pixels of the image at an address, as text of base 64. */
const DECODE = `async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  let text = '';
  for (const value of context.getImageData(0, 0, image.width, image.height).data) text += String.fromCharCode(value);
  return { width: image.width, height: image.height, text: btoa(text) };
}`;

/** Decodes a PNG, in the browser. */
export async function pixelsOf(browser: Browser, png: Buffer): Promise<Pixels> {
  const page = await browser.newPage();
  try {
    const decoded: DecodedImage = await page.evaluate(`(${DECODE})('data:image/png;base64,${png.toString('base64')}')`);
    return { width: decoded.width, height: decoded.height, values: Buffer.from(decoded.text, 'base64') };
  } finally {
    await page.close();
  }
}

/** Places of the pixels of about a colour (`#0072b2`). */
export function placesOf({ width, values }: Pixels, colour: string): [x: number, y: number][] {
  const wanted = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const places: [number, number][] = [];
  for (let i = 0; i < values.length; i += 4) {
    if (wanted.every((value, part) => Math.abs((values[i + part] ?? 0) - value) <= 12)) {
      places.push([(i / 4) % width, Math.floor(i / 4 / width)]);
    }
  }
  return places;
}

/** Number of different colours. */
export function colourCount({ values }: Pixels): number {
  const colours = new Set<number>();
  for (let i = 0; i < values.length; i += 4) colours.add(((values[i] ?? 0) << 16) | ((values[i + 1] ?? 0) << 8) | (values[i + 2] ?? 0));
  return colours.size;
}
