/**
 * Losslessness on real files: every object of every file of the corpus is walked and encoded again. Equal key length gives the
 * same bytes; a key header 8 bytes longer and back again gives the same bytes too, so every tag was found and relocated.
 */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { isPoolMergeError } from '../../src/errors.ts';
import { objectPath, openRootFile } from '../../src/io/root/root-file.ts';
import type { RootFile } from '../../src/io/root/root-file.ts';
import { encodeGraph } from '../../src/io/root/streamer/encode.ts';
import type { InfoSet } from '../../src/io/root/streamer/info-set.ts';
import { readInfoList } from '../../src/io/root/streamer/info-list.ts';
import { InfoUnion, encodeInfoList } from '../../src/io/root/streamer/info-union.ts';
import { bootstrapInfos, parseInfoRecord, parseInfoSet, walkInfoRecord } from '../../src/io/root/streamer/parse-infos.ts';
import { walkObject } from '../../src/io/root/streamer/walk.ts';
import { CORPUS, corpusFiles } from './corpus.ts';
import { NOT_OPENED, OPAQUE } from './identity-known.ts';

interface Survey {
  keys: number;
  understood: number;
  /** Objects whose bytes changed on the way, with equal key length or through another one. */
  changed: string[];
  failed: string[];
  /** `file path class: reason` of objects with an opaque part. */
  opaque: string[];
  notOpened: string[];
  changedInfos: string[];
  /** Files whose info list the direct reader reads otherwise than the walker, or not at all. */
  readDifferently: string[];
  infos: InfoUnion;
}

const survey: Survey = {
  keys: 0,
  understood: 0,
  changed: [],
  failed: [],
  opaque: [],
  notOpened: [],
  changedInfos: [],
  readDifferently: [],
  infos: new InfoUnion(),
};

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function surveyFile(path: string, name: string): void {
  let file: RootFile;
  try {
    file = openRootFile(path);
  } catch (err) {
    if (!isPoolMergeError(err)) throw err;
    survey.notOpened.push(name);
    return;
  }
  const infos = surveyInfos(file, name);
  for (const directory of file.directories) {
    for (let i = 0; i < directory.keys.count; i++) {
      if (directory.children.has(i)) continue;
      const { key, payload } = file.readObject(directory, i);
      surveyObject(`${name} ${objectPath(directory, i)} ${key.className}`, payload, key.keylen, key.className, infos);
    }
  }
  file.close();
}

function surveyInfos(file: RootFile, name: string): InfoSet {
  const record = file.readInfos();
  if (record === undefined) return bootstrapInfos();
  const { payload, key } = record;
  survey.infos.add(payload, key.keylen);
  const { graph, infos, rules } = walkInfoRecord(payload, key.keylen);
  if (graph.opaque.length > 0 || !same(encodeGraph(graph, { keylen: key.keylen }), payload)) survey.changedInfos.push(name);
  if (!isDeepStrictEqual(readInfoList(payload, key.keylen), { infos, rules })) survey.readDifferently.push(name);
  return parseInfoSet(payload, key.keylen);
}

function surveyObject(what: string, payload: Uint8Array, keylen: number, className: string, infos: InfoSet): void {
  survey.keys++;
  try {
    const graph = walkObject(payload, keylen, className, infos);
    if (!same(encodeGraph(graph, { keylen }), payload)) survey.changed.push(what);
    if (graph.opaque.length > 0) {
      survey.opaque.push(what);
      return;
    }
    survey.understood++;
    const moved = encodeGraph(graph, { keylen: keylen + 8 });
    const back = encodeGraph(walkObject(moved, keylen + 8, className, infos), { keylen });
    if (!same(back, payload)) survey.changed.push(`${what} (relocated)`);
  } catch (err) {
    if (!isPoolMergeError(err)) throw err;
    survey.failed.push(`${what}: ${err.message}`);
  }
}

describe.skipIf(CORPUS === undefined)('span graphs of the corpus', () => {
  beforeAll(() => {
    const corpus = CORPUS as string;
    for (const name of corpusFiles(corpus)) surveyFile(join(corpus, name), name);
  });

  it('cover thousands of objects, nearly all of them fully understood', () => {
    expect(survey.keys).toBeGreaterThan(7000);
    expect(survey.understood / survey.keys).toBeGreaterThan(0.998);
  });

  it('encode to the bytes they were walked from, at the same and at another key length', () => {
    expect(survey.changed).toEqual([]);
    expect(survey.failed).toEqual([]);
  });

  it('leave opaque only the known objects, a list that must shrink', () => {
    expect(survey.opaque).toEqual([...OPAQUE]);
  });

  it('understand every histogram, profile, graph and tree', () => {
    const mergeable = /^(TH[123]|TProfile|TGraph|TTree|TNtuple|THnSparse|TEfficiency)/;
    expect(survey.opaque.filter((what) => mergeable.test(what.split(' ').at(-1) ?? ''))).toEqual([]);
  });

  it('come from every file that opens', () => {
    expect(survey.notOpened).toEqual([...NOT_OPENED]);
  });

  it('hold for the streamer info lists, and for the union of all of them at both key lengths', () => {
    expect(survey.changedInfos).toEqual([]);
    expect(survey.readDifferently).toEqual([]);
    for (const keylen of [64, 72]) {
      const list = parseInfoRecord(encodeInfoList(survey.infos, keylen), keylen);
      expect(list.infos.length).toBe(survey.infos.count);
      expect(list.infos.map((info) => `${info.className}\0${info.classVersion}\0${info.checksum}`)).toEqual(survey.infos.keys());
      expect(list.rules).toEqual(survey.infos.rules());
    }
  });
});
