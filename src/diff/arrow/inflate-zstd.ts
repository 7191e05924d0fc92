/** Zstandard frames in which Arrow compresses buffers, by the codec of ROOT files. */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { DecodeStatus } from '../../io/codec/codec.ts';
import { algorithmOfTag } from '../../io/codec/registry.ts';
import { codecMemory } from '../../io/codec/wasm.ts';

/** Decompresses a frame to exactly `outBytes` bytes. @throws CorruptFileError; UnsupportedError without WebAssembly */
export function inflateZstd(frame: Uint8Array, outBytes: number): Uint8Array {
  const codec = algorithmOfTag('Z'.charCodeAt(0), 'S'.charCodeAt(0))?.codec();
  if (codec === undefined) throw new UnsupportedError('Zstandard is not built in');
  const memory = codecMemory();
  return memory.withRegion(frame.length, (at) =>
    memory.withRegion(outBytes, (out) => {
      memory.u8.set(frame, at);
      const status = codec.decompress(at, frame.length, out, outBytes);
      if (status !== DecodeStatus.ok) throw new CorruptFileError('compressed buffer is damaged');
      return memory.u8.slice(out, out + outBytes);
    }),
  );
}
