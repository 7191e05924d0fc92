"""A copy of a POOL file with another identity: pool_reid.py INPUT OUTPUT [--flip N]

The file's GUID is replaced wherever it stands, and in index files the process id: in texts (##Params, ##Links,
headers, forms, tags, tokens inside data), in binary GUIDs of p6 forms, in index_ref, OIDs and link ids. Widths do
not change. The GUID's first 32 bits and the process id get the bits of N (1) flipped.
"""
import argparse
import re
import struct

import uproot

from pool_contents import PoolFile
from pool_reid_ntuple import rewrite_ntuple
from root_bytes import Record, RootBytes, patch_baskets

#: trees in whose rows OIDs of 64 bits are stored binary
BINARY_TREES = re.compile(r"(POOLContainer|MetaDataHdr)")


class Identity:
    """What to replace by what."""

    def __init__(self, fid, pid, flip):
        self.old_word = int(fid[:8], 16)
        self.new_word = self.old_word ^ (flip << 16)
        self.old_fid, self.new_fid = fid, f"{self.new_word:08X}{fid[8:]}"
        self.old_pid, self.new_pid = pid, pid ^ flip if pid else pid
        digits = fid.replace("-", "")
        self.old_binary, self.new_binary = bytes.fromhex(digits), struct.pack(">I", self.new_word) + bytes.fromhex(digits[8:])

    def texts(self, data):
        """Texts with the GUID; OIDs of tokens of this file."""
        data = data.replace(self.old_fid.encode(), self.new_fid.encode())
        if not self.old_pid:
            return data
        own = rb"(\[DB=(?:" + self.new_fid.encode() + rb"|0{8}-0{4}-0{4}-0{4}-0{12})\](?:\[[^\[\]]*\])*?\[OID=)"
        old, new = f"{self.old_pid:08X}".encode(), f"{self.new_pid:08X}".encode()
        data = re.sub(own + old, rb"\g<1>" + new, data)
        return re.sub(own + rb"([0-9A-F]{16}-)" + old, rb"\g<1>\g<2>" + new, data)

    def numbers(self, data):
        """64-bit numbers of this process with a counter below 65536, wherever they stand."""
        if not self.old_pid:
            return data
        return data.replace(struct.pack(">IH", self.old_pid, 0), struct.pack(">IH", self.new_pid, 0))

    def row(self, tree, branch, data):
        data = self.texts(data)
        if branch == "index_ref":
            return self.numbers(data)
        if BINARY_TREES.match(tree):
            return self.numbers(data.replace(self.old_binary, self.new_binary))
        return data


def rewrite_baskets(file, tree, branch, identity):
    for seek in map(int, branch.member("fBasketSeek")):
        if not seek or seek in file.moved:
            continue
        record = Record(file, seek)
        old = record.payload()
        new = identity.row(tree, branch.name, old)
        if new != old:
            file.replace(record, new)


def reidentify(source, target, flip=1):
    pool = PoolFile(source)
    pid = pool.links[0]["oid1"] >> 32
    identity, file = Identity(pool.fid, pid, flip), RootBytes(source)
    root = uproot.open(source)
    trees = {record: root[f"{record.names[1]};{record.cycle}"] for record in file.records if record.class_name == "TTree"}
    for record, tree in trees.items():
        for branch in tree.itervalues(recursive=True):
            rewrite_baskets(file, record.names[1], branch, identity)
    for record, tree in trees.items():
        payload = bytearray(identity.texts(record.payload()))
        for branch in tree.itervalues(recursive=True):
            payload = patch_baskets(payload, branch, file.moved)
        file.replace(record, bytes(payload))
    for record in [record for record in file.records if record.class_name == "ROOT::RNTuple"]:
        rewrite_ntuple(file, record, root[record.names[1]], identity)
    file.save(target)
    return identity.new_fid


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--flip", type=int, default=1)
    arguments = parser.parse_args()
    print(reidentify(arguments.input, arguments.output, arguments.flip))
