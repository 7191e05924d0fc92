/** Listings and reference reports as text for people. Pure: data in, lines out. */
import type { FileListing, KeyListing, ReferenceReport, TableFileListing, TokenTarget } from '../src/index.ts';
import { formatBytes, formatCount, printable } from './text-pieces.ts';
import { tableLines } from './text-table.ts';

/** How much of a listing is shown. */
export interface LsDetail {
  long: boolean;
  trees: boolean;
}

/** Provenance files told one by one. */
const LISTED_FOREIGN = 20;

function table(rows: readonly (readonly string[])[], indent = ''): string[] {
  return tableLines(rows).map((line) => indent + printable(line));
}

/** `zstd:5`, `none`: a setting of ROOT in words. */
export function formatCompression(setting: number): string {
  const level = setting % 100;
  if (level <= 0) return 'none';
  const name = ['zlib', 'zlib', 'lzma', 'zlib (old)', 'lz4', 'zstd'][Math.floor(setting / 100)];
  return name === undefined ? String(setting) : `${name}:${level}`;
}

/** One file. */
export function listingText(listing: FileListing, detail: LsDetail): string {
  const { file, sizeBytes, rootVersion, compression, keys, pool } = listing;
  const head = `${file}: ${formatBytes(sizeBytes)}, ROOT ${versionText(rootVersion)}, ${formatCompression(compression)}, ${formatCount(keys.length, 'key')}`;
  const lines = [printable(head), ...(detail.long ? longKeys(keys) : shortKeys(keys))];
  if (detail.trees) lines.push(...keys.flatMap(branchLines));
  if (pool !== undefined) lines.push(...poolLines(listing, detail));
  return lines.join('\n');
}

/** `6.36.04` of 63604. */
function versionText(version: number): string {
  const [major, minor, patch] = [Math.floor(version / 10_000), Math.floor(version / 100) % 100, version % 100];
  return [major, ...[minor, patch].map((part) => String(part).padStart(2, '0'))].join('.');
}

/** One HDF5 or Arrow file. */
export function tableFileText({ file, format, sizeBytes, rowCount, batchCount, items }: TableFileListing): string {
  const isTable = rowCount !== undefined && batchCount !== undefined;
  const contents = isTable
    ? [formatCount(rowCount, 'row'), 'in', `${formatCount(batchCount, 'batch')},`, formatCount(items.length, 'column')].join(' ')
    : formatCount(items.length, 'object');
  const lines = items.map(({ path, type, shape, filters, target }) => [
    path,
    type,
    shape === undefined ? (target ?? '') : shapeText(shape),
    filters?.join(' ') ?? '',
  ]);
  return [printable(`${file}: ${formatBytes(sizeBytes)}, ${format}, ${contents}`), ...table(lines, '  ')].join('\n');
}

function shapeText(shape: readonly (number | string)[]): string {
  return shape.length === 0 ? 'single value' : shape.join(' x ');
}

function nameOf(key: KeyListing): string {
  return `${key.depth === 0 ? key.name : key.path};${key.cycle}`;
}

function indented(key: KeyListing, text: string): string {
  return '  '.repeat(key.depth) + text;
}

function shortKeys(keys: readonly KeyListing[]): string[] {
  return table(
    keys.map((key) => [indented(key, key.className), nameOf(key), key.title]),
    '  ',
  );
}

function longKeys(keys: readonly KeyListing[]): string[] {
  const rows = keys.map((key) => [
    indented(key, key.className),
    nameOf(key),
    formatBytes(key.bytes),
    formatBytes(key.storedBytes),
    key.compression ?? '',
    key.date,
    contentText(key),
  ]);
  return table([['class', 'name', 'bytes', 'stored', 'by', 'date', 'contents'], ...rows], '  ');
}

function contentText({ tree, tuple, histogram, problem, title }: KeyListing): string {
  if (problem !== undefined) return `cannot be listed: ${problem}`;
  if (tree !== undefined) {
    const clusters = tree.clusterCount === undefined ? '' : `, ${formatCount(tree.clusterCount, 'cluster')}`;
    return `${formatCount(tree.entryCount, 'entry')}, ${formatCount(tree.branchCount, 'branch')}${clusters}, ${formatBytes(tree.bytes)} stored in ${formatBytes(tree.storedBytes)}`;
  }
  if (tuple !== undefined) {
    const counts = [
      formatCount(tuple.entryCount, 'entry'),
      formatCount(tuple.fieldCount, 'field'),
      formatCount(tuple.columnCount, 'column'),
      formatCount(tuple.clusterCount, 'cluster'),
    ];
    const sets = tuple.attributeSets.length === 0 ? '' : `, attribute sets ${tuple.attributeSets.join(', ')}`;
    return `${counts.join(', ')}, pages of ${formatBytes(tuple.storedBytes)}${sets}`;
  }
  if (histogram === undefined) return title;
  const axes = histogram.axes
    .map(({ nbins, low, high, hasLabels }) => `${nbins} bins [${low}, ${high}]${hasLabels ? ' labelled' : ''}`)
    .join(' x ');
  const mean = histogram.meanX === undefined ? '' : `, mean ${numberText(histogram.meanX)}`;
  const pending = histogram.pendingFills === 0 ? '' : `, ${formatCount(histogram.pendingFills, 'fill')} not binned yet`;
  return `${axes}, ${histogram.entries} entries, integral ${numberText(histogram.integral)}${mean}${pending}`;
}

function numberText(value: number): string {
  return String(Number.isSafeInteger(value) ? value : Number(value.toPrecision(7)));
}

function branchLines(key: KeyListing): string[] {
  const { tree, tuple } = key;
  if (tree !== undefined) {
    const rows = tree.branches.map((branch) => [
      '  '.repeat(branch.path.length - 1) + (branch.path.at(-1) ?? ''),
      branch.className || branch.title,
      formatCount(branch.entryCount, 'entry'),
      formatCount(branch.basketCount, 'basket'),
      formatBytes(branch.bytes),
      formatBytes(branch.storedBytes),
      formatCompression(branch.compression),
    ]);
    return [printable(`  ${nameOf(key)}:`), ...table(rows, '    ')];
  }
  if (tuple === undefined) return [];
  return [
    printable(`  ${nameOf(key)}:`),
    ...table(
      tuple.fields.map(({ name, typeName }) => [name, typeName]),
      '    ',
    ),
  ];
}

function poolLines({ pool, provenance, problem }: FileListing, detail: LsDetail): string[] {
  if (pool === undefined) return [];
  const { fid, params, shapes, containers, linkCount, sectionCount, earlierFids } = pool;
  const missing = containers.filter(({ rowCount }) => rowCount === undefined).length;
  const joined =
    earlierFids.length > 0 ? `, joined from ${formatCount(earlierFids.length, 'file')} with ${formatCount(sectionCount, 'section')}` : '';
  const counts = [formatCount(linkCount, 'link'), formatCount(shapes.length, 'shape'), formatCount(containers.length, 'container')].join(
    ', ',
  );
  const lines = [printable(`  POOL file ${fid}: ${counts}${missing > 0 ? `, ${missing} of them missing` : ''}${joined}`)];
  if (!detail.long) return lines;
  lines.push(
    ...table(
      params.map(({ name, value }) => [name, value]),
      '    ',
    ),
  );
  const rows = containers.map(({ link, rowCount, technology, name, className, classId }) => [
    link,
    rowCount === undefined ? 'missing' : String(rowCount),
    technology,
    name,
    className || classId,
  ]);
  lines.push('  containers:', ...table([['link', 'rows', 'technology', 'container', 'class'], ...rows], '    '));
  if (problem !== undefined) return [...lines, printable(`  ${problem}`)];
  return [...lines, '  provenance:', ...foreignLines(provenance ?? [], '    ')];
}

function foreignLines(files: readonly { fid: string; containers: readonly string[]; references: number }[], indent: string): string[] {
  if (files.length === 0) return [`${indent}none`];
  const rows = files
    .slice(0, LISTED_FOREIGN)
    .map(({ fid, containers, references }) => [
      fid,
      formatCount(references, 'reference'),
      containers.filter((name) => name !== '').join(' '),
    ]);
  const more = files.length - rows.length;
  return [...table(rows, indent), ...(more > 0 ? [`${indent}... and ${formatCount(more, 'more file')}`] : [])];
}

/** Counts of followed references, and the first that dangle. */
export function referencesText(report: ReferenceReport): string {
  const lines: string[] = [];
  for (const file of report.files) {
    lines.push(printable(`${file.file}: ${countsText(file)}`));
    const rows = file.containers.map((c) => [c.container, c.kind, formatCount(c.rowCount, 'row'), countsText(c)]);
    lines.push(...table(rows, '  '));
    for (const { container, row, token, reason } of file.firstDangling) {
      lines.push(printable(`  dangling: ${container} row ${row}: ${reason}: ${token}`));
    }
  }
  for (const file of report.others) lines.push(printable(`${file}: no POOL file`));
  for (const { file, reason } of report.unreadable) lines.push(printable(`${file}: named by the catalog, not read: ${reason}`));
  const total = report.resolved + report.foreign + report.dangling;
  lines.push(`${formatCount(total, 'reference')}: ${countsText(report)}; ${report.seconds.toFixed(2)} s`);
  return lines.join('\n');
}

function countsText({ resolved, foreign, dangling }: { resolved: number; foreign: number; dangling: number }): string {
  return `${resolved} resolved, ${foreign} foreign, ${dangling} dangling`;
}

/** Where one token leads. */
export function tokenText(target: TokenTarget): string {
  if (target.status !== 'resolved') return printable(`${target.status}: ${target.reason}`);
  return printable(`resolved: ${target.file}: ${target.container} row ${target.row} of ${target.rowCount}`);
}
