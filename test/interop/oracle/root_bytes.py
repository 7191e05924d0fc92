"""Records of a ROOT file as bytes: read, replaced by records behind the end, keys and header made to fit."""
import struct

import numpy as np
import uproot.compression
from uproot.source.chunk import Chunk
from uproot.source.cursor import Cursor


def decompress(data, size):
    if len(data) == size:
        return bytes(data)
    chunk = Chunk.wrap(None, np.frombuffer(data, dtype=np.uint8))
    return bytes(uproot.compression.decompress(chunk, Cursor(0), {}, len(data), size).raw_data)


def compress_like(data, stored):
    """Compresses with the algorithm of an existing record; uncompressed where that was or where it does not gain."""
    kinds = {b"ZL": uproot.ZLIB(5), b"ZS": uproot.ZSTD(5), b"XZ": uproot.LZMA(5), b"L4": uproot.LZ4(4)}
    kind = kinds.get(bytes(stored[:2]))
    return bytes(uproot.compression.compress(data, kind)) if kind else data


class Record:
    """A key with the bytes behind it."""

    def __init__(self, file, at):
        data = file.data
        self.file, self.at = file, at
        self.nbytes, self.version, self.objlen, _, self.keylen, self.cycle = struct.unpack_from(">ihiIhh", data, at)
        self.seek_format = ">q" if self.version > 1000 else ">i"
        cursor = at + 18 + 2 * struct.calcsize(self.seek_format)
        self.names = []
        for _ in range(3):
            length = data[cursor]
            self.names.append(bytes(data[cursor + 1:cursor + 1 + length]).decode("latin-1"))
            cursor += 1 + length

    @property
    def class_name(self):
        return self.names[0]

    def payload(self):
        return decompress(self.stored(), self.objlen)

    def stored(self):
        return self.file.data[self.at + self.keylen:self.at + self.nbytes]


class RootBytes:
    """A file in memory. Replaced records move behind the end, their old place becomes a gap."""

    def __init__(self, path):
        self.data = bytearray(open(path, "rb").read())
        self.version, self.begin = struct.unpack_from(">ii", self.data, 4)
        self.wide = self.version >= 1000000
        self.end = self.number(12)
        self.seek_free = self.number(20 if self.wide else 16)
        self.moved = {}
        self.key_places = self.find_keys()
        self.records = [Record(self, self.seek(place)) for place in self.key_places]

    def number(self, at):
        return struct.unpack_from(">q" if self.wide else ">i", self.data, at)[0]

    def find_keys(self):
        """Places of the keys in the root directory's list."""
        root = Record(self, self.begin)
        directory = self.begin + root.keylen + sum(1 + len(text) for text in root.names[1:])
        wide = struct.unpack_from(">h", self.data, directory)[0] > 1000
        keys_at, = struct.unpack_from(">q" if wide else ">i", self.data, directory + 18 + (16 if wide else 8))
        at = keys_at + Record(self, keys_at).keylen
        count, = struct.unpack_from(">i", self.data, at)
        places, at = [], at + 4
        for _ in range(count):
            places.append(at)
            at += Record(self, at).keylen
        return places

    def seek(self, place):
        """Where the record of a key is."""
        return struct.unpack_from(Record(self, place).seek_format, self.data, place + 18)[0]

    def append(self, data):
        at = len(self.data)
        self.data += data
        return at

    def replace(self, record, payload):
        """Writes a record anew with other content of the same length."""
        if len(payload) != record.objlen:
            raise ValueError("a record must keep its length")
        stored = compress_like(payload, record.stored())
        key = bytearray(self.data[record.at:record.at + record.keylen])
        at = len(self.data)
        struct.pack_into(">i", key, 0, record.keylen + len(stored))
        struct.pack_into(record.seek_format, key, 18, at)
        self.append(key + stored)
        self.moved[record.at] = (at, record.keylen + len(stored))
        struct.pack_into(">i", self.data, record.at, -record.nbytes)

    def patch_keys(self):
        """Keys of the root directory: where their records are now."""
        for place in self.key_places:
            seek = self.seek(place)
            if seek in self.moved:
                struct.pack_into(">i", self.data, place, self.moved[seek][1])
                struct.pack_into(Record(self, place).seek_format, self.data, place + 18, self.moved[seek][0])

    def save(self, path):
        self.patch_keys()
        old_end = self.end
        struct.pack_into(">q" if self.wide else ">i", self.data, 12, len(self.data))
        free = Record(self, self.seek_free)
        at, last = self.seek_free + free.keylen, self.seek_free + free.nbytes
        while at < last:  # the free segment behind the end
            version, = struct.unpack_from(">h", self.data, at)
            form = ">q" if version > 1000 else ">i"
            if struct.unpack_from(form, self.data, at + 2)[0] == old_end:
                struct.pack_into(form, self.data, at + 2, len(self.data))
            at += 2 + 2 * struct.calcsize(form)
        with open(path, "wb") as file:
            file.write(self.data)


def patch_baskets(payload, branch, moved):
    """Where a branch's baskets are, inside the uncompressed tree; `moved`: old place to new place and length."""
    seeks, sizes = [np.asarray(branch.member(name), dtype=np.int64) for name in ("fBasketSeek", "fBasketBytes")]
    if not any(int(seek) in moved for seek in seeks):
        return payload
    new_seeks, new_sizes = [int(s) for s in seeks], [int(s) for s in sizes]
    for i, seek in enumerate(seeks):
        if int(seek) in moved:
            new_seeks[i], new_sizes[i] = moved[int(seek)]
    for code in ("q", "i"):
        try:
            old = struct.pack(f">{len(seeks)}{code}", *map(int, seeks))
        except struct.error:
            continue
        places = [at for at in find_all(payload, old) if payload[at - 1] in (1, 2)]
        if not places:
            continue
        if len(places) > 1:
            raise ValueError(f"{branch.name}: baskets found {len(places)} times")
        at = places[0]
        payload[at:at + len(old)] = struct.pack(f">{len(seeks)}{code}", *new_seeks)
        old_sizes = struct.pack(f">{len(sizes)}i", *map(int, sizes))
        for entry_width in (8, 4):
            sizes_at = at - 1 - entry_width * len(seeks) - 1 - len(old_sizes)
            if payload[sizes_at:sizes_at + len(old_sizes)] == old_sizes:
                payload[sizes_at:sizes_at + len(old_sizes)] = struct.pack(f">{len(sizes)}i", *new_sizes)
                return payload
    raise ValueError(f"{branch.name}: baskets not found in the tree")


def find_all(data, part):
    at = data.find(part)
    while at >= 0:
        yield at
        at = data.find(part, at + 1)
