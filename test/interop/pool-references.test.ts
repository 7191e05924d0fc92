/**
 * Real POOL files of 2005 to 2025: every reference of every header, tag and token list resolves, and what we read of
 * headers, forms, tags and bookkeeping is what uproot reads, wherever uproot can (it cannot read vectors that are
 * stored member by member, the unsplit headers).
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkReferences, followToken } from '../../src/index.ts';
import { treeIndexValues, tupleIndexValues } from '../../src/io/pool/containers.ts';
import { smallNumbersOf, textOf } from '../../src/io/pool/places.ts';
import { formDigestP5 } from '../../src/io/pool/data-header-p5.ts';
import { FormReader, HeaderReader, tagTokens } from '../../src/io/pool/header-rows.ts';
import { openPoolFile, type PoolContents } from '../../src/io/pool/pool-contents.ts';
import { Resolver } from '../../src/io/pool/resolve.ts';
import { formatToken, parseToken } from '../../src/io/pool/token.ts';
import { CORPUS } from './corpus.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const SCRIPT = fileURLToPath(new URL('oracle/uproot_pool.py', import.meta.url));

type Rows = Record<string, Record<string, unknown[]>>;

const corpus = (name: string): string => join(CORPUS ?? '', name);
const FILES = {
  p5: 'scikit-hep-testdata/uproot-issue-123a.root',
  p6: 'scikit-hep-testdata/uproot-issue-951.root',
  tuple: 'scikit-hep-testdata/uproot-physlite-rntuple_v1-0-0-0.root',
  p3: 'roottest/root/meta/MakeProject/small_aod.pool.root',
  splitP5: 'roottest/root/io/datamodelevolution/stl/cond09_mc.000029.gen.COND._0002.pool.root',
} as const;

function uproot(name: string): Rows {
  return JSON.parse(execFileSync(PYTHON, [SCRIPT, corpus(name)], { encoding: 'utf8', maxBuffer: 1 << 28, timeout: 200_000 })) as Rows;
}

function withPool<T>(name: string, use: (contents: PoolContents) => T): T {
  const contents = openPoolFile(corpus(name));
  try {
    return use(contents);
  } finally {
    contents.file.close();
  }
}

/** Numbers as uproot's script prints them: text where they are wide. */
const texts = (values: unknown): unknown =>
  JSON.parse(
    JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' || typeof value === 'number' ? String(value) : value)),
  );

describe.skipIf(CORPUS === undefined)('references of real files', () => {
  it.each([
    [FILES.p5, 52_839, 200],
    [FILES.p6, 5314, 350],
    [FILES.tuple, 10_614, 500],
    [FILES.p3, 222, 8],
    [FILES.splitP5, 3, 0],
    ['roottest/root/io/newstl/cmsJets_0.root', 0, 0],
    ['roottest/root/treeformula/array/CaloTowers.root', 0, 0],
    ['roottest/root/treeformula/stl/RefTest.root', 0, 0],
    ['roottest/root/treeformula/stl/Cumpb.root', 0, 0],
  ])('%s', async (name, resolved, foreign) => {
    const report = await checkReferences([corpus(name)]);
    expect(report.others).toEqual([]);
    expect(report.files.flatMap(({ firstDangling }) => firstDangling)).toEqual([]);
    expect([report.resolved, report.foreign, report.dangling]).toEqual([resolved, foreign, 0]);
  });

  it('a token is followed, into the right file of several', async () => {
    const tag = withPool(FILES.p6, (pool) => tagTokens(pool.tagContainers()[0] as never)[7] as string);
    const found = await followToken(tag, [corpus(FILES.p5), corpus(FILES.p6)]);
    expect(found).toEqual({ status: 'resolved', file: corpus(FILES.p6), container: 'POOLContainer(DataHeader)', row: 7, rowCount: 50 });
    expect((await followToken(tag, [corpus(FILES.p5)])).status).toBe('foreign');
    const wrong = formatToken({ ...parseToken(tag), oid2: 1_000_000n }); // beyond the rows, and no value of index_ref
    expect((await followToken(wrong, [corpus(FILES.p6)])).status).toBe('dangling');
  });
});

describe.skipIf(CORPUS === undefined)('digests of p5 forms', () => {
  it('are those of the headers', () => {
    const [equal, headers] = withPool(FILES.p5, (pool) => {
      const resolver = new Resolver();
      resolver.add(pool);
      const forms = new Map<string, FormReader>();
      let [same, all] = [0, 0];
      for (const { container } of pool.headerContainers()) {
        const reader = new HeaderReader(container);
        for (let row = 0; row < reader.rowCount; row++) {
          const header = reader.header(row);
          if (header.version !== 'p5') throw new Error('no p5 header');
          const found = resolver.resolve(parseToken(header.formToken));
          if (found.status !== 'resolved') throw new Error('form is not found');
          const form = forms.get(found.container.name) ?? new FormReader(found.container);
          forms.set(found.container.name, form);
          const stored = form.form(found.row);
          all++;
          if (stored.version === 'p5' && formDigestP5(stored.form) === header.formMdx) same++;
        }
      }
      return [same, all];
    });
    expect([equal, headers]).toEqual([201, 201]);
  });
});

describe.skipIf(CORPUS === undefined)('the digest of a form of 2011', () => {
  it('has the bytes of its first three groups swapped', () => {
    withPool(FILES.splitP5, (pool) => {
      const form = new FormReader(pool.containers.find('POOLContainer_DataHeaderForm') as never).form(0);
      const header = new HeaderReader(pool.containers.find('POOLContainer_DataHeader') as never).header(0);
      if (form.version !== 'p5' || header.version !== 'p5') throw new Error('no p5 row');
      const swapped = formDigestP5(form.form)
        .split('-')
        .map((group, i) => (i < 3 ? (group.match(/../g) ?? []).reverse().join('') : group));
      expect(swapped.join('-')).toBe(header.formMdx);
    });
  });
});

describe.skipIf(CORPUS === undefined)('what uproot reads', () => {
  it('of bookkeeping, tags and index_ref of an index file', () => {
    const rows = uproot(FILES.p6);
    withPool(FILES.p6, ({ bookkeeping, containers }) => {
      expect(bookkeeping.links.map(({ token }) => formatToken(token))).toEqual(rows['##Links']?.['db_string']);
      expect(bookkeeping.shapes.map(({ text }) => text)).toEqual(rows['##Shapes']?.['db_string']);
      expect(bookkeeping.params.map(({ name, value }) => `[NAME=${name}][VALUE=${value}]`)).toEqual(rows['##Params']?.['db_string']);
      for (const name of ['POOLContainer', 'POOLContainerForm', 'MetaDataHdr', '##Links']) {
        const tree = containers.tree(name)?.reader;
        expect(tree && texts(treeIndexValues(tree))).toEqual(rows[name]?.['index_ref']);
      }
    });
    withPool(FILES.p6, (pool) => expect(pool.tagContainers().map(tagTokens)).toEqual([rows['POOLCollectionTree']?.['Token']]));
  });

  it('of headers, forms and tags in RNTuples', () => {
    const rows = uproot(FILES.tuple);
    withPool(FILES.tuple, (pool) => {
      expect(pool.tagContainers().map(tagTokens)).toEqual([rows['EventTag']?.['Token']]);
      const tuple = pool.containers.tuple('DataHeader');
      expect(tuple && texts(tupleIndexValues(tuple))).toEqual(rows['DataHeader']?.['index_ref']);
      const reader = new HeaderReader(pool.containers.find('DataHeader(DataHeader)') as never);
      const headers = Array.from({ length: reader.rowCount }, (_, row) => {
        const stored = reader.header(row);
        if (stored.version !== 'p6') throw new Error('no p6 header');
        const { commonDbIndex, commonOid2, shortElements, fullElements, provenanceSize, formToken } = stored.header;
        const full = fullElements.map(({ oid2, dbIndex, objectIndex }) => ({ oid2, dbIdx: dbIndex, objIdx: objectIndex }));
        return {
          m_commonDbIndex: commonDbIndex,
          m_commonOID2: commonOid2,
          m_shortElements: shortElements,
          m_fullElements: full,
          m_provenanceSize: provenanceSize,
          m_dhFormToken: formToken,
        };
      });
      expect(texts(headers)).toEqual(texts(rows['DataHeader']?.['DataHeader']));
      const form = new FormReader(pool.containers.find('DataHeaderForm(DataHeaderForm)') as never).form(0);
      const theirs = rows['DataHeaderForm']?.['DataHeaderForm']?.[0] as {
        m_objRecords: { cont: string; key: string; clid: unknown; oid1: unknown; guid: { m_data2: number } }[];
        m_version: number;
      };
      if (form.version !== 'p6') throw new Error('no p6 form');
      expect(
        texts(
          form.form.objectRecords.map(({ container, key, clid, oid1, classId }) => [
            container,
            key,
            clid,
            oid1,
            Number.parseInt(classId.slice(9, 13), 16),
          ]),
        ),
      ).toEqual(texts(theirs.m_objRecords.map(({ cont, key, clid, oid1, guid }) => [cont, key, clid, oid1, guid.m_data2])));
      expect(form.form.version).toBe(theirs.m_version);
    });
  });

  it('of split forms and headers of p5', () => {
    for (const [name, tree, form, header] of [
      [FILES.p5, 'POOLContainerForm', 'POOLContainerForm(DataHeaderForm)', undefined],
      [FILES.splitP5, 'POOLContainer_DataHeaderForm', 'POOLContainer_DataHeaderForm', 'POOLContainer_DataHeader'],
    ] as const) {
      const rows = uproot(name);
      withPool(name, (pool) => {
        const reader = new FormReader(pool.containers.find(form) as never);
        const columns = Object.values(rows[tree] ?? {}) as [unknown[], unknown[]];
        expect(reader.rowCount).toBe(columns[0].length);
        for (let row = 0; row < reader.rowCount; row++) {
          const stored = reader.form(row);
          if (stored.version !== 'p5') throw new Error('no p5 form');
          expect(texts([stored.form.map, stored.form.uints])).toEqual(texts([columns[0][row], columns[1][row]]));
        }
        if (header === undefined) return;
        const stored = new HeaderReader(pool.containers.find(header) as never).header(0);
        if (stored.version !== 'p5') throw new Error('no p5 header');
        const theirs = Object.values(rows[header] ?? {}).map(([first]) => first);
        expect([stored.stored.map(({ token }) => token), stored.stored.map(({ oid2 }) => oid2), stored.formToken, stored.formMdx]).toEqual(
          theirs,
        );
      });
    }
  });

  it('of headers of p3', () => {
    const rows = uproot(FILES.p3)['POOLContainer_DataHeader'] ?? {};
    withPool(FILES.p3, (pool) => {
      const reader = new HeaderReader(pool.containers.find('POOLContainer_DataHeader') as never);
      for (let row = 0; row < reader.rowCount; row++) {
        const stored = reader.header(row);
        if (stored.version !== 'p3') throw new Error('no p3 header');
        for (const [list, places] of [
          ['m_DataHeader', stored.places.data],
          ['m_InputDataHeader', stored.places.provenance],
        ] as const) {
          const theirs = (member: string): unknown => rows[`DataHeader_p3/${list}/${list}.${member}`]?.[row];
          expect(places.tokens.map(textOf)).toEqual(theirs('m_token'));
          const numbers = {
            m_technology: places.technology,
            m_oid1: places.oid1,
            m_oid2: places.oid2,
            m_dbGuidIdx: places.dbGuidIndex,
            m_keyPos: places.keyPosition,
          };
          for (const [member, ours] of Object.entries(numbers)) expect(smallNumbersOf(ours)).toEqual(theirs(member));
        }
        expect(stored.places.guidMap.map(textOf)).toEqual(rows['DataHeader_p3/m_GuidMap']?.[row]);
      }
    });
  });
});
