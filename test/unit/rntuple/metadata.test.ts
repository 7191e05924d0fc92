/** Metadata of real files: values, and the same bytes again when encoded. */
import { describe, expect, it } from 'vitest';
import { encodeFooter, parseFooter } from '../../../src/io/root/rntuple/footer.ts';
import { parseHeader } from '../../../src/io/root/rntuple/header.ts';
import { PageListWriter, parsePageList } from '../../../src/io/root/rntuple/page-list.ts';
import { SAMPLES, columnName, envelopeBytes, openTuple, sample } from './tuple-contents.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('identity of parsing and encoding', () => {
  it.each(SAMPLES)('footer and page lists of %s', (name) => {
    const { file, tuple } = openTuple(sample(name));
    const { anchor, header, footer } = tuple;
    const footerBytes = envelopeBytes(file, anchor.footer);
    expect(hex(encodeFooter({ ...parseFooter(footerBytes, header), headerChecksum: header.checksum }))).toBe(hex(footerBytes));
    for (const group of footer.clusterGroups) {
      const bytes = envelopeBytes(file, group.pageList);
      const writer = new PageListWriter();
      for (const cluster of parsePageList(bytes, header.checksum, group.clusterCount)) writer.add(cluster);
      expect(hex(writer.encode(header.checksum))).toBe(hex(bytes));
    }
    file.close();
  });
});

describe('header and footer', () => {
  it('give fields and columns', () => {
    const { file, tuple } = openTuple(sample('ixvw'));
    const { header, footer, entryCount } = tuple;
    expect([header.name, header.description, header.writer]).toEqual(['nt', '', 'ROOT v6.40.00']);
    expect(footer.schema.fields.map((f) => [f.name, f.typeName, f.role, f.parentId])).toEqual([
      ['i', 'std::int32_t', 0, 0],
      ['x', 'float', 0, 1],
      ['v', 'std::vector<float>', 1, 2],
      ['_0', 'float', 0, 2],
      ['word', 'std::string', 0, 4],
    ]);
    expect(footer.schema.columns.map((_, id) => columnName(footer.schema, id))).toEqual([
      'i#0.0',
      'x#0.0',
      'v#0.0',
      'v._0#0.0',
      'word#0.0',
      'word#0.1',
    ]);
    expect(footer.schema.columns.map((c) => [c.type, c.bits])).toEqual([
      [0x13, 32],
      [0x18, 32],
      [0x1b, 64],
      [0x18, 32],
      [0x1b, 64],
      [0x02, 8],
    ]);
    expect([entryCount, footer.clusterGroups.length, footer.clusterGroups[0]?.clusterCount, footer.hasAttributeList]).toEqual([
      50,
      1,
      3,
      true,
    ]);
    file.close();
  });

  it('join header and extension, with deferred columns', () => {
    const { file, tuple } = openTuple(sample('late_15'));
    expect(tuple.header.schema.fields.map((f) => f.name)).toEqual(['i']);
    const { schema } = tuple.footer;
    expect(schema.columns.map((c, id) => [columnName(schema, id), c.firstElement])).toEqual([
      ['i#0.0', 0],
      ['late#0.0', 15],
      ['lateVector#0.0', 15],
      ['lateVector._0#0.0', 0],
      ['lateArray._0#0.0', 45],
    ]);
    file.close();
  });

  it('know alias columns, representations, streamer infos, attribute sets', () => {
    const of = (name: string): ReturnType<typeof openTuple>['tuple'] => {
      const { file, tuple } = openTuple(sample(name));
      file.close();
      return tuple;
    };
    expect(of('projected').footer.schema.aliases.length).toBe(3);
    expect(of('representations').footer.schema.columns.map((c) => [c.representation, c.type])).toEqual([
      [0, 0x0c],
      [1, 0x0b],
      [0, 0x13],
    ]);
    expect(of('streamed').footer.schema.extraTypeInfos.map((x) => [x.contentId, x.typeVersion, x.typeName])).toEqual([[0, 0, '']]);
    expect(of('attributes').footer.attributeSets.map(({ name }) => name)).toEqual(['Runs']);
  });

  it('must belong together', () => {
    const [a, b] = [openTuple(sample('ixvw')), openTuple(sample('wvix'))];
    const footer = envelopeBytes(b.file, b.tuple.anchor.footer);
    expect(() => parseFooter(footer, a.tuple.header)).toThrow('RNTuple footer belongs to another header');
    const group = b.tuple.footer.clusterGroups[0];
    const pageList = envelopeBytes(b.file, group?.pageList ?? a.tuple.anchor.footer);
    expect(() => [...parsePageList(pageList, a.tuple.header.checksum, 2)]).toThrow('RNTuple page list belongs to another header');
    expect(() => [...parsePageList(pageList, b.tuple.header.checksum, 3)]).toThrow(
      /another number of clusters than its group: expected 3, found 2 summaries/,
    );
    expect(() => parseHeader(footer)).toThrow(/another type/);
    a.file.close();
    b.file.close();
  });
});
