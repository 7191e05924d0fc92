/**
 * The compression algorithms of ROOT files and the settings that name them.
 *
 *   tag  method  payload of the block                                  setting
 *   ZL   8       zlib stream (RFC 1950)                                1xx, and 1 to 99 of old files
 *   CS   8       raw deflate (RFC 1951), written before ROOT 3         read only
 *   XZ   0       xz stream, LZMA2, CRC32                               2xx
 *   L4   1       u64 big-endian XXH64 of the rest, then an LZ4 block   4xx
 *   ZS   1       Zstandard frame (RFC 8878)                            5xx
 *
 * Source: ROOT core/zip/inc/Compression.h (settings), core/zip/src/RZip.cxx and core/lz4, core/lzma, core/zstd (blocks).
 */
import { UnsupportedError, UsageError } from '../../errors.ts';
import type { Codec } from './codec.ts';
import { lz4Codec } from './lz4.ts';
import { lzmaCodec } from './lzma.ts';
import { wasmAvailable } from './wasm.ts';
import { nodeRawDeflateCodec, nodeZlibCodec } from './zlib-node.ts';
import { rawDeflateCodec, zlibCodec } from './zlib.ts';
import { zstdCodec } from './zstd.ts';

/** First two bytes of a block. */
export type AlgorithmTag = 'ZL' | 'CS' | 'XZ' | 'L4' | 'ZS';

/** One row of the table above. */
export interface Algorithm {
  readonly tag: AlgorithmTag;
  /** Third byte of a block. */
  readonly method: number;
  /** The hundreds of settings that name it; of CS, which is read only, those of ZL. */
  readonly hundreds: number;
  /** The codec, loaded when first asked for. Throws UnsupportedError where its module cannot run. */
  codec(): Codec;
}

function algorithm(tag: AlgorithmTag, method: number, hundreds: number, load: () => Codec): Algorithm {
  let codec: Codec | undefined;
  return {
    tag,
    method,
    hundreds,
    codec(): Codec {
      codec ??= load();
      return codec;
    },
  };
}

const ZL = algorithm('ZL', 8, 1, () => (wasmAvailable() ? zlibCodec() : nodeZlibCodec()));
const CS = algorithm('CS', 8, 1, () => (wasmAvailable() ? rawDeflateCodec() : nodeRawDeflateCodec()));
const XZ = algorithm('XZ', 0, 2, lzmaCodec);
const L4 = algorithm('L4', 1, 4, lz4Codec);
const ZS = algorithm('ZS', 1, 5, zstdCodec);

const BY_TAG: ReadonlyMap<number, Algorithm> = new Map(
  [ZL, CS, XZ, L4, ZS].map((each) => [(each.tag.charCodeAt(0) << 8) | each.tag.charCodeAt(1), each]),
);

/** The algorithm of a block that begins with these two bytes; undefined if there is none. */
export function algorithmOfTag(first: number, second: number): Algorithm | undefined {
  return BY_TAG.get((first << 8) | second);
}

/** A compression setting in parts. */
export interface CompressionSetting {
  /** Undefined: nothing is compressed. */
  readonly algorithm: Algorithm | undefined;
  /** ROOT's level: 0 nothing is compressed, 1 fastest to 9 smallest. */
  readonly level: number;
}

/** By the hundreds of a setting. 0 (old files: the level alone) and 3 (ROOT's own old deflate) are written as ZL. */
const BY_HUNDREDS: readonly Algorithm[] = [ZL, ZL, XZ, ZL, L4, ZS];

/**
 * Takes ROOT's setting (fCompress of files and branches: 100 * algorithm + level) apart. Levels above 9 count
 * as 9; a negative setting or level 0 means "not compressed", as in ROOT. Throws UnsupportedError for an
 * algorithm ROOT does not define.
 */
export function parseCompressionSetting(setting: number): CompressionSetting {
  if (setting <= 0 || setting % 100 === 0) return { algorithm: undefined, level: 0 };
  const found = BY_HUNDREDS[Math.floor(setting / 100)];
  if (found === undefined) throw new UnsupportedError(`compression setting ${setting}: unknown algorithm`);
  return { algorithm: found, level: Math.min(setting % 100, 9) };
}

/** A setting in today's form: 1 to 99 of old files are zlib levels; what means "not compressed" is 0. */
export function normalSetting(setting: number): number {
  if (setting <= 0 || setting % 100 === 0) return 0;
  return setting < 100 ? 100 + setting : setting;
}

/** A setting's algorithm at its fastest level; "not compressed" stays as it is. */
export function fastestSetting(setting: number): number {
  const normal = normalSetting(setting);
  return normal === 0 ? 0 : normal - (normal % 100) + 1;
}

/** Names a user may write: the hundreds of a setting, and ROOT's default level. */
const NAMES: Readonly<Record<string, { hundreds: number; level: number }>> = {
  zlib: { hundreds: 100, level: 1 },
  lzma: { hundreds: 200, level: 7 },
  xz: { hundreds: 200, level: 7 },
  lz4: { hundreds: 400, level: 4 },
  zstd: { hundreds: 500, level: 5 },
};
const NAME_AND_LEVEL = /^(zlib|lzma|xz|lz4|zstd)(?::([1-9]))?$/;
/**
 * Algorithms 1, 2, 4 and 5 with a level from 0 (not compressed) to 9, and the level alone: zlib, as in old files and
 * with `-f6` of hadd.
 */
const NUMBER = /^(?:[1245]0)?\d$/;

/**
 * ROOT's setting for what a user writes: `none`, a name with or without a level (`zlib`, `lzma:7`, `lz4:4`,
 * `zstd:5`) or the number itself (`101`, `404`, `0`; `6` is 106). Throws UsageError for anything else.
 */
export function compressionSettingOf(text: string): number {
  if (text === 'none') return 0;
  const [, name, level] = NAME_AND_LEVEL.exec(text) ?? [];
  const known = name === undefined ? undefined : NAMES[name];
  if (known !== undefined) return known.hundreds + Number(level ?? known.level);
  if (NUMBER.test(text)) return normalSetting(Number(text));
  throw new UsageError(
    `unknown compression '${text}': use none, zlib, lzma, lz4 or zstd with an optional level 1 to 9 (zstd:5), or ROOT's number (505)`,
  );
}
