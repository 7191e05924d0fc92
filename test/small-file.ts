/** ROOT files made for a test by the project's own writer: directories, and objects given by their payload. */
import { writeFileSync } from 'node:fs';
import { BigEndianWriter } from '../src/io/bytes/big-endian.ts';
import type { Sink } from '../src/io/bytes/sink.ts';
import { openRootFile } from '../src/io/root/root-file.ts';
import { RootFileWriter, type OutputDirectory } from '../src/io/root/root-file-writer.ts';
import { InfoUnion, encodeInfoList } from '../src/io/root/streamer/info-union.ts';
import { fixture } from './scratch.ts';
import { SparseSink } from './sparse-file.ts';

/** An object of a small file; cycle 1 and no title unless given. */
export interface SmallObject {
  className: string;
  name: string | Uint8Array;
  title?: string;
  cycle?: number;
  /** Makes its key a big one. */
  pidOffset?: number;
  payload: Uint8Array;
}

/** A directory of a small file. */
export interface SmallDirectory {
  directory: string | Uint8Array;
  title?: string;
  cycle?: number;
  items: readonly SmallItem[];
}

/** Something done to the sink between two records: a hole, say. */
export interface SmallHole {
  hole: () => void;
}

export type SmallItem = SmallObject | SmallDirectory;

/** What a small file may choose for the whole file. */
export interface SmallFileOptions {
  datime?: number;
  compression?: number;
  /** First byte of all its UUIDs: files of different identity. */
  identity?: number;
  /** False: no StreamerInfo record; those of a fixture unless given. */
  infos?: boolean | InfoUnion;
}

/** Leaves a gap from the end of a sink up to `position`, marked as one for readers. */
export function leaveGap(sink: SparseSink, position: number): void {
  const length = Buffer.alloc(4);
  length.writeInt32BE(sink.position - position);
  sink.append(length);
  sink.skipTo(position);
}

/** A TObjString: byte count and version, TObject, the text. */
export function objString(name: string | Uint8Array, text: string, more: Partial<SmallObject> = {}): SmallObject {
  const w = new BigEndianWriter();
  const length = Buffer.byteLength(text);
  w.u32(0x4000_0000 + 2 + 10 + (length < 255 ? 1 : 5) + length);
  w.u16(1);
  w.u16(1);
  w.u32(0);
  w.u32(0x0200_0000);
  w.tstring(text);
  return { className: 'TObjString', name, payload: w.done().slice(), ...more };
}

let infoUnion: InfoUnion | undefined;

/** Infos of a file by ROOT that holds histograms, named objects and collections. */
function infosOfFixture(): InfoUnion {
  if (infoUnion !== undefined) return infoUnion;
  using file = openRootFile(fixture('others_0.root'));
  const record = file.readInfos();
  infoUnion = new InfoUnion();
  if (record !== undefined) infoUnion.add(record.payload, record.key.keylen);
  return infoUnion;
}

/** Writes a small file into a sink. */
export function writeSmallFile(sink: Sink, items: readonly (SmallItem | SmallHole)[], options: SmallFileOptions = {}): void {
  const { datime = 0x7c00_0000, compression = 101, identity = 1, infos = true } = options;
  const writer = new RootFileWriter(sink, {
    datime,
    compression,
    uuidOf: (path) => new Uint8Array(16).fill(path.length).fill(identity, 0, 1),
  });
  addItems(writer, writer.root, '', items);
  const union = infos === true ? infosOfFixture() : infos;
  writer.finish(union === false ? undefined : (keylen) => encodeInfoList(union, keylen));
}

function addItems(writer: RootFileWriter, parent: OutputDirectory, path: string, items: readonly (SmallItem | SmallHole)[]): void {
  let slot = -1;
  for (const item of items) {
    if ('hole' in item) {
      item.hole();
      continue;
    }
    slot++;
    const title = Buffer.from(item.title ?? '');
    const cycle = item.cycle ?? 1;
    if ('directory' in item) {
      const below = `${path}/${String(item.directory)}`;
      const key = { className: Buffer.from('TDirectory'), name: Buffer.from(item.directory), title, cycle };
      addItems(writer, writer.createDirectory(parent, slot, below, key), below, item.items);
    } else {
      const key = { className: Buffer.from(item.className), name: Buffer.from(item.name), title, cycle, pidOffset: item.pidOffset ?? 0 };
      writer.writeObject(parent, slot, key, () => item.payload);
    }
  }
}

/** Bytes of a small file. */
export function smallFile(items: readonly SmallItem[], options?: SmallFileOptions): Uint8Array {
  const sink = new SparseSink();
  writeSmallFile(sink, items, options);
  return sink.toBytes();
}

/** A small file on disk; returns its path. */
export function putSmallFile(path: string, items: readonly SmallItem[], options?: SmallFileOptions): string {
  writeFileSync(path, smallFile(items, options));
  return path;
}
