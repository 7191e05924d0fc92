#!/usr/bin/env bash
# Builds the codec modules (*.wasm) from the C sources of the crates pinned in Cargo.lock.
#
#   build.sh           writes *.wasm and SHA256SUMS into this folder
#   build.sh --check   builds into a temporary folder and compares with SHA256SUMS;
#                      says so and succeeds where cargo or the compiler is missing
#
# The modules import one memory ("env.memory"). Each has its own range of it for static data and stack: the
# FIXED_RANGES of src/io/codec/arena.ts. Whoever loads a module checks its __heap_base against them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
clang=${CLANG:-clang-14}
linker=${WASM_LD:-wasm-ld-14}
mode=${1:-build}

for tool in cargo "$clang" "$linker" sha256sum; do
  if ! command -v "$tool" >/dev/null; then
    echo "wasm/build.sh: $tool is not installed, the codec modules were NOT rebuilt" >&2
    [ "$mode" = --check ] && exit 0
    exit 1
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/Cargo.toml" "$here/Cargo.lock" "$here/no-rust.rs" "$work/"
# Compiled with relative paths from the work folder: no path of this machine enters a module.
cd "$work"
cargo vendor --locked --quiet --versioned-dirs vendor >/dev/null
for crate in libdeflate-sys zstd-sys lz4-sys liblzma-sys; do mv vendor/"$crate"-[0-9]* "$crate"; done
cp -r "$here/include" "$here/shim" .

# edit FILE EXPRESSION: changes a vendored file; an expression that changes nothing is an error.
edit() {
  cp "$1" before
  sed -i "$2" "$1"
  if cmp -s before "$1"; then echo "wasm/build.sh: '$2' does not apply to $1" >&2; exit 1; fi
}

# zstd's copy of xxhash switches XXH3 off.
mkdir xxhash
cp zstd-sys/zstd/lib/common/xxhash.h xxhash/
edit xxhash/xxhash.h '/^# define XXH_NO_XXH3$/d'
# Registers have 64 bits, though pointers have 32: libdeflate and LZ4 take the width of size_t for both.
edit libdeflate-sys/libdeflate/common_defs.h 's/^typedef size_t machine_word_t;$/typedef uint64_t machine_word_t;/'
edit lz4-sys/liblz4/lib/lz4.c 's/^  typedef size_t reg_t; .*$/  typedef U64 reg_t;/'
# libdeflate's level 1 clears its hash table on every call: 128 KiB, which cost a sixth of the time for a histogram of
# 1 KB. With 32 KiB the output grows by less than 0.05 %.
edit "libdeflate-sys/libdeflate/lib/ht_matchfinder.h" 's/^#define HT_MATCHFINDER_HASH_ORDER\t15$/#define HT_MATCHFINDER_HASH_ORDER\t13/'

flags=(--target=wasm32 -std=gnu11 -Os -msimd128 -mbulk-memory -msign-ext -mmutable-globals -fvisibility=hidden
  -ffunction-sections -fdata-sections -fno-ident -DNDEBUG -isystem include -Ishim)

# module NAME BASE STACK_BYTES COMPILER_ARGUMENTS... SOURCES...
module() {
  local name=$1 base=$2 stack=$3 source objects=()
  shift 3
  local arguments=()
  for source in "$@"; do
    if [[ $source != *.c ]]; then arguments+=("$source"); continue; fi
    objects+=("$name-$(echo "$source" | tr / _).o")
    "$clang" "${flags[@]}" "${arguments[@]}" -c "$source" -o "${objects[-1]}"
  done
  "$linker" --no-entry --import-memory --strip-all --gc-sections --global-base="$base" -z stack-size="$stack" \
    --export=__heap_base -o "$name.wasm" "${objects[@]}"
}

libdeflate=libdeflate-sys/libdeflate
module deflate $((0x400)) 65536 \
  -DFREESTANDING -DXXH_VECTOR=XXH_SCALAR -I"$libdeflate" -Ixxhash \
  shim/libc.c shim/deflate.c shim/kernels.c shim/keys.c shim/xxh.c \
  "$libdeflate"/lib/{deflate_compress,deflate_decompress,utils}.c

zstd=zstd-sys/zstd/lib
module zstd-lz4 $((0x30000)) 262144 \
  -DZSTD_DISABLE_ASM -DXXH_NAMESPACE=ZSTD_ -DZSTD_LEGACY_SUPPORT=0 -DDEBUGLEVEL=0 -DLZ4_FREESTANDING=0 \
  -I"$zstd" -Ilz4-sys/liblz4/lib \
  shim/libc.c shim/zstd-lz4.c lz4-sys/liblz4/lib/{lz4,lz4hc}.c \
  "$zstd"/common/{debug,entropy_common,error_private,fse_decompress,xxhash,zstd_common}.c \
  "$zstd"/compress/{fse_compress,hist,huf_compress,zstd_compress,zstd_compress_literals,zstd_compress_sequences}.c \
  "$zstd"/compress/{zstd_compress_superblock,zstd_double_fast,zstd_fast,zstd_lazy,zstd_ldm,zstd_opt,zstd_preSplit}.c \
  "$zstd"/decompress/{huf_decompress,zstd_ddict,zstd_decompress,zstd_decompress_block}.c

xz=liblzma-sys/xz/src
module lzma $((0xa0000)) 65536 \
  -DHAVE_STDBOOL_H -DHAVE_STDINT_H -DHAVE_STRING_H -DHAVE_DECODER_LZMA2 -DHAVE_ENCODER_LZMA2 \
  -DHAVE_DECODER_LZMA1 -DHAVE_ENCODER_LZMA1 -DHAVE_CHECK_CRC32 -DHAVE_CHECK_CRC64 \
  -DHAVE_MF_HC3 -DHAVE_MF_HC4 -DHAVE_MF_BT2 -DHAVE_MF_BT3 -DHAVE_MF_BT4 -DLZMA_API_STATIC \
  -I"$xz/common" -I"$xz/liblzma/api" -I"$xz"/liblzma/common -I"$xz"/liblzma/check -I"$xz"/liblzma/lz \
  -I"$xz"/liblzma/lzma -I"$xz"/liblzma/rangecoder -I"$xz"/liblzma/delta -I"$xz"/liblzma/simple \
  shim/libc.c shim/lzma.c \
  "$xz"/liblzma/check/{check,crc32_fast,crc64_fast}.c \
  "$xz"/liblzma/common/{block_buffer_decoder,block_buffer_encoder,block_decoder,block_encoder,block_header_decoder}.c \
  "$xz"/liblzma/common/{block_header_encoder,block_util,common,easy_preset,filter_common,filter_decoder}.c \
  "$xz"/liblzma/common/{filter_encoder,filter_flags_decoder,filter_flags_encoder,index,index_encoder}.c \
  "$xz"/liblzma/common/{index_hash,stream_buffer_encoder,stream_flags_common,stream_flags_decoder}.c \
  "$xz"/liblzma/common/{stream_flags_encoder,vli_decoder,vli_encoder,vli_size}.c \
  "$xz"/liblzma/lz/{lz_decoder,lz_encoder,lz_encoder_mf}.c \
  "$xz"/liblzma/lzma/{fastpos_table,lzma2_decoder,lzma2_encoder,lzma_decoder,lzma_encoder}.c \
  "$xz"/liblzma/lzma/{lzma_encoder_optimum_fast,lzma_encoder_optimum_normal,lzma_encoder_presets}.c \
  "$xz"/liblzma/rangecoder/price_table.c

sha256sum deflate.wasm zstd-lz4.wasm lzma.wasm >SHA256SUMS
if [ "$mode" = --check ]; then
  if ! diff "$here/SHA256SUMS" SHA256SUMS; then
    echo "wasm/build.sh: other modules than the committed ones, which clang 14.0.6 built; this is" >&2
    "$clang" --version | head -1 >&2
    exit 1
  fi
  (cd "$here" && sha256sum --check --quiet SHA256SUMS)
  echo "wasm/build.sh: the committed modules are what their sources give"
else
  install -m 644 deflate.wasm zstd-lz4.wasm lzma.wasm SHA256SUMS "$here/"
fi
