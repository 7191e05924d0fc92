import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { CorruptFileError, UnreadableFileError, UsageError } from '../../../src/errors.ts';
import {
  encodeCatalog,
  parseCatalog,
  pathsOfFid,
  readCatalog,
  registerFile,
  catalogName,
  stageCatalog,
  type Catalog,
} from '../../../src/io/pool/catalog.ts';
import { formatGuid } from '../../../src/io/pool/guid.ts';
import { Scratch } from '../../scratch.ts';

const A = '06C9EAE8-6F5B-E011-BAAA-003048F0E7AC';
const B = 'F53A1735-F61A-4CA4-B25F-DB0E277E2DDC';

const TEXT = `<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<!-- Edited By POOL -->
<!DOCTYPE POOLFILECATALOG SYSTEM "InMemory">
<POOLFILECATALOG>
  <META name="run" type="string"/>
  <File ID="${A.toLowerCase()}">
    <physical>
      <pfn filetype="ROOT_All" name="a &amp; &quot;b&quot;.root"/>
      <pfn name="root://host//a.root"/>
    </physical>
    <logical><lfn name="dataset.a"/></logical>
    <metadata att_name="run" att_value="7"/>
  </File>
  <File ID="${B}"><physical><pfn filetype="" name="PFN:sub/b.root"/></physical></File>
</POOLFILECATALOG>`;

describe('PoolFileCatalog.xml', () => {
  const scratch = new Scratch();
  afterAll(() => scratch[Symbol.dispose]());

  test('read: FIDs in upper case, entities decoded, everything kept', async () => {
    expect(await parseCatalog(TEXT)).toEqual({
      metadataTypes: [{ name: 'run', type: 'string' }],
      files: [
        {
          fid: A,
          paths: [
            { name: 'a & "b".root', fileType: 'ROOT_All' },
            { name: 'root://host//a.root', fileType: '' },
          ],
          logicalNames: ['dataset.a'],
          metadata: [{ name: 'run', value: '7' }],
        },
        { fid: B, paths: [{ name: 'PFN:sub/b.root', fileType: '' }], logicalNames: [], metadata: [] },
      ],
    });
  });

  test('written and read again it is the same', async () => {
    const catalog = await parseCatalog(TEXT);
    expect(await parseCatalog(encodeCatalog(catalog))).toEqual(catalog);
    expect(encodeCatalog({ metadataTypes: [], files: [] })).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"[^]*<!DOCTYPE POOLFILECATALOG SYSTEM "InMemory">\n<POOLFILECATALOG>\n\n<\/POOLFILECATALOG>\n$/,
    );
  });

  test('any names survive writing and reading', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1 })
      // oxlint-disable-next-line no-control-regex
      .filter((s) => !/\p{Surrogate}|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u.test(s));
    const file = fc.record({ guid: fc.uint8Array({ minLength: 16, maxLength: 16 }), path: name, lfn: name });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(file, { selector: (f) => f.path, maxLength: 5 }), async (files) => {
        let catalog: Catalog = { metadataTypes: [], files: [] };
        for (const { guid, path } of files) catalog = registerFile(catalog, formatGuid(guid), path);
        expect(await parseCatalog(encodeCatalog(catalog))).toEqual(catalog);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['not well-formed', '<POOLFILECATALOG><File ID="x"></POOLFILECATALOG>', /line 1/],
    ['cut', TEXT.slice(0, -20), /catalog, line/],
    ['no XML', 'FID A', /catalog, line/],
    ['another document', '<html/>', /element html inside the document/],
    ['an unknown element', '<POOLFILECATALOG><Tree/></POOLFILECATALOG>', /element Tree inside POOLFILECATALOG/],
    ['an element elsewhere', '<POOLFILECATALOG><pfn name="a"/></POOLFILECATALOG>', /element pfn inside POOLFILECATALOG/],
    ['a file without ID', '<POOLFILECATALOG><File/></POOLFILECATALOG>', /has no attribute ID/],
    ['an ID that is no GUID', '<POOLFILECATALOG><File ID="7"/></POOLFILECATALOG>', /something else than a GUID/],
    ['a FID twice', `<POOLFILECATALOG><File ID="${A}"/><File ID="${A.toLowerCase()}"/></POOLFILECATALOG>`, /a FID twice/],
    ['a PFN twice', TEXT.replace('PFN:sub/b.root', 'root://host//a.root'), /a PFN twice: root:/],
    [
      'an own entity',
      '<!DOCTYPE POOLFILECATALOG [<!ENTITY x SYSTEM "/etc/passwd">]><POOLFILECATALOG><File ID="&x;"/></POOLFILECATALOG>',
      /entity/,
    ],
  ])('refused: %s', async (_, text, message) => {
    await expect(parseCatalog(text)).rejects.toThrow(message);
    await expect(parseCatalog(text)).rejects.toThrow(CorruptFileError);
  });

  test('registering: a replaced file leaves its old entry, an entry without path goes', async () => {
    const catalog = await parseCatalog(TEXT);
    const moved = registerFile(catalog, B.toLowerCase(), 'a & "b".root');
    expect(moved.files.map(({ fid, paths }) => [fid, paths.map(({ name }) => name)])).toEqual([
      [A, ['root://host//a.root']],
      [B, ['PFN:sub/b.root', 'a & "b".root']],
    ]);
    const gone = registerFile(catalog, A, 'PFN:sub/b.root');
    expect(gone.files.map(({ fid, paths }) => [fid, paths.length])).toEqual([[A, 3]]);
    expect(registerFile(gone, A, 'PFN:sub/b.root')).toEqual(gone);
    expect(catalog.files).toHaveLength(2);
    expect(() => registerFile(catalog, 'nonsense', 'x')).toThrow(UsageError);
    expect(() => encodeCatalog(registerFile(catalog, A, 'bad\u0001name'))).toThrow(/cannot hold the name/);
  });

  test('files: written whole, read with their name in errors', async () => {
    const path = join(scratch.folder, 'PoolFileCatalog.xml');
    const catalog = registerFile({ metadataTypes: [], files: [] }, A, 'out.root');
    stageCatalog(path, catalog).commit();
    chmodSync(path, 0o600);
    stageCatalog(path, catalog).commit();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    stageCatalog(path, { metadataTypes: [], files: [] }).abandon();
    expect(await readCatalog(path)).toEqual(catalog);
    expect(readdirSync(scratch.folder)).toEqual(['PoolFileCatalog.xml']);
    expect(readFileSync(path, 'utf8')).toContain('<pfn filetype="ROOT_All" name="out.root"/>');
    expect(pathsOfFid(catalog, path, A.toLowerCase())).toEqual([join(scratch.folder, 'out.root')]);
    expect(pathsOfFid(catalog, path, B)).toEqual([]);
    writeFileSync(path, '<POOLFILECATALOG>');
    await expect(readCatalog(path)).rejects.toThrow(path);
    await expect(readCatalog(join(scratch.folder, 'none.xml'))).rejects.toThrow(UnreadableFileError);
  });

  test('a relative path is named as seen from the catalog', () => {
    expect(catalogName('PoolFileCatalog.xml', 'out/a.root')).toBe('out/a.root');
    expect(catalogName('jobs/PoolFileCatalog.xml', 'out/a.root')).toBe('../out/a.root');
    expect(catalogName('jobs/PoolFileCatalog.xml', '/data/a.root')).toBe('/data/a.root');
  });

  test('paths of a FID are seen from the catalog; prefixes are left off', async () => {
    const catalog = await parseCatalog(TEXT.replace('root://host//a.root', 'file:///data/a.root'));
    expect(pathsOfFid(catalog, '/cat/P.xml', A)).toEqual([resolve('/cat/a & "b".root'), '/data/a.root']);
    expect(pathsOfFid(catalog, '/cat/P.xml', B)).toEqual(['/cat/sub/b.root']);
  });
});
