/**
 * PoolFileCatalog.xml: which file (PFN) holds which FID.
 *
 *   <POOLFILECATALOG>
 *     <META name= type=/>                                descriptions of metadata
 *     <File ID=fid>
 *       <physical> <pfn filetype= name=/>… </physical>   paths
 *       <logical> <lfn name=/>… </logical>               other names
 *       <metadata att_name= att_value=/>…
 *     </File>…
 *   </POOLFILECATALOG>
 *
 * Source: ATLAS athena Database/APR/FileCatalog/src/XMLCatalog.cpp.
 */
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { CorruptFileError, UsageError, addContext } from '../../errors.ts';
import { createSink, type Sink } from '../bytes/sink.ts';
import { readTextFile } from '../bytes/source.ts';
import { isGuid } from './guid.ts';

/** A path of a file, as written. */
export interface CatalogPath {
  name: string;
  /** E.g. ROOT_All; empty when not given. */
  fileType: string;
}

/** One file of a catalog. */
export interface CatalogEntry {
  /** In upper case. */
  fid: string;
  /** PFNs. */
  paths: CatalogPath[];
  /** LFNs. */
  logicalNames: string[];
  metadata: { name: string; value: string }[];
}

/** A whole catalog. No FID and no PFN occurs twice. */
export interface Catalog {
  metadataTypes: { name: string; type: string }[];
  files: CatalogEntry[];
}

/** What `filetype` ROOT files get. */
const ROOT_FILE_TYPE = 'ROOT_All';
const ROOT_ELEMENT = 'POOLFILECATALOG';

/** Where each element may stand. */
const PARENTS: Readonly<Record<string, string>> = {
  META: ROOT_ELEMENT,
  File: ROOT_ELEMENT,
  physical: 'File',
  logical: 'File',
  metadata: 'File',
  pfn: 'physical',
  lfn: 'logical',
};

/**
 * Parses the text of a catalog. CorruptFileError where it is not well-formed, holds elements that no catalog has,
 * or names a FID or PFN twice. Entities other than the five of XML are refused, external ones are never read.
 */
export async function parseCatalog(text: string): Promise<Catalog> {
  const { SaxesParser } = await import('saxes');
  const parser = new SaxesParser({ xmlns: false });
  const catalog: Catalog = { metadataTypes: [], files: [] };
  const open: string[] = [];
  const fail = (reason: string): never => {
    throw new CorruptFileError(`catalog, line ${parser.line}: ${reason}`);
  };
  parser.on('error', (err) => fail(err.message.replace(/^\d+:\d+: /, '')));
  parser.on('opentag', ({ name, attributes }) => {
    const parent = open.at(-1);
    const isPlaced = parent === undefined ? name === ROOT_ELEMENT : PARENTS[name] === parent;
    if (!isPlaced) fail(`element ${name} inside ${parent ?? 'the document'}`);
    open.push(name);
    takeElement(
      catalog,
      name,
      (attribute) => attributes[attribute] ?? fail(`element ${name} has no attribute ${attribute}`),
      attributes['filetype'] ?? '',
    );
  });
  parser.on('closetag', () => open.pop());
  parser.write(text).close();
  checkCatalog(catalog);
  return catalog;
}

function takeElement(catalog: Catalog, name: string, attribute: (name: string) => string, fileType: string): void {
  const last = catalog.files.at(-1);
  if (name === 'META') catalog.metadataTypes.push({ name: attribute('name'), type: attribute('type') });
  else if (name === 'File') catalog.files.push({ fid: attribute('ID').toUpperCase(), paths: [], logicalNames: [], metadata: [] });
  else if (name === 'pfn') last?.paths.push({ name: attribute('name'), fileType });
  else if (name === 'lfn') last?.logicalNames.push(attribute('name'));
  else if (name === 'metadata') last?.metadata.push({ name: attribute('att_name'), value: attribute('att_value') });
}

/** CorruptFileError when a FID is none, or a FID or PFN occurs twice. */
function checkCatalog(catalog: Catalog): void {
  const owners = new Map<string, string>();
  for (const { fid, paths } of catalog.files) {
    if (!isGuid(fid)) throw new CorruptFileError('catalog names a file by something else than a GUID', { found: JSON.stringify(fid) });
    if (owners.has(fid)) throw new CorruptFileError('catalog names a FID twice', { found: fid });
    owners.set(fid, fid);
    for (const { name } of paths) {
      const owner = owners.get(`path ${name}`);
      if (owner !== undefined) throw new CorruptFileError(`catalog names a PFN twice: ${name}`, { expected: owner, found: fid });
      owners.set(`path ${name}`, fid);
    }
  }
}

/** Text of a catalog. */
export function encodeCatalog({ metadataTypes, files }: Catalog): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>',
    '<!-- Edited By POOL -->',
    `<!DOCTYPE ${ROOT_ELEMENT} SYSTEM "InMemory">`,
    `<${ROOT_ELEMENT}>`,
    '',
  ];
  for (const { name, type } of metadataTypes) lines.push(`  <META name=${quoted(name)} type=${quoted(type)}/>`);
  for (const file of files) lines.push(...encodeEntry(file), '');
  lines.push(`</${ROOT_ELEMENT}>`, '');
  return lines.join('\n');
}

function encodeEntry({ fid, paths, logicalNames, metadata }: CatalogEntry): string[] {
  const pfns = paths.map(({ name, fileType }) => `      <pfn filetype=${quoted(fileType)} name=${quoted(name)}/>`);
  const lfns = logicalNames.map((name) => `      <lfn name=${quoted(name)}/>`);
  return [
    `  <File ID=${quoted(fid)}>`,
    ...(pfns.length > 0 ? ['    <physical>', ...pfns, '    </physical>'] : []),
    ...(lfns.length > 0 ? ['    <logical>', ...lfns, '    </logical>'] : []),
    ...metadata.map(({ name, value }) => `    <metadata att_name=${quoted(name)} att_value=${quoted(value)}/>`),
    '  </File>',
  ];
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** An attribute value; UsageError for characters XML cannot hold. */
function quoted(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u.test(text)) {
    throw new UsageError(`a catalog cannot hold the name ${JSON.stringify(text)}`);
  }
  return `"${text.replace(/[&<>"\t\n\r]/g, (c) => ESCAPES[c] as string)}"`;
}

/**
 * The catalog with a file registered under a FID. A PFN that was listed elsewhere is taken from there (the
 * file was replaced); an entry left without any PFN goes. An entry of the same FID gets the PFN as an alternative.
 */
export function registerFile(catalog: Catalog, fid: string, path: string): Catalog {
  if (!isGuid(fid)) throw new UsageError(`not a GUID: ${fid}`);
  const wanted = fid.toUpperCase();
  const files = catalog.files.flatMap((entry): CatalogEntry[] => {
    const paths = entry.paths.filter(({ name }) => name !== path);
    return paths.length === entry.paths.length || paths.length > 0 || entry.fid === wanted ? [{ ...entry, paths }] : [];
  });
  const added = { name: path, fileType: ROOT_FILE_TYPE };
  const known = files.find((entry) => entry.fid === wanted);
  if (known === undefined) files.push({ fid: wanted, paths: [added], logicalNames: [], metadata: [] });
  else known.paths.push(added);
  return { ...catalog, files };
}

/** Reads a catalog; errors name the file. */
export async function readCatalog(path: string): Promise<Catalog> {
  const text = readTextFile(path);
  try {
    return await parseCatalog(text);
  } catch (err) {
    throw addContext(err, { file: path });
  }
}

/**
 * Writes a catalog beside its place, whole and durable: `commit` of the sink puts it there, over an existing one;
 * `abandon` leaves everything as it was. Throws OutputError.
 */
export function stageCatalog(path: string, catalog: Catalog): Sink {
  const sink = createSink(path, { force: true, keepMode: true, role: 'catalog' });
  try {
    sink.append(Buffer.from(encodeCatalog(catalog)));
    sink.sync();
    return sink;
  } catch (err) {
    sink.abandon();
    throw err;
  }
}

/** How a catalog names a file: a relative path is seen from its directory. */
export function catalogName(catalogPath: string, path: string): string {
  return isAbsolute(path) ? path : relative(dirname(resolve(catalogPath)), resolve(path));
}

/** Local paths of a FID, those that are relative seen from the catalog's directory; none when it is not listed. */
export function pathsOfFid(catalog: Catalog, catalogPath: string, fid: string): string[] {
  const entry = catalog.files.find((file) => file.fid === fid.toUpperCase());
  return (entry?.paths ?? []).map(({ name }) => resolve(dirname(catalogPath), name.replace(/^(PFN|file):(\/\/(?=\/))?/, '')));
}
