"""The RNTuple part of pool_reid.py: pages, page lists, footer and anchor written anew with the new identity.

Pages and envelopes are stored uncompressed behind the end of the file, each in a key of class RBlob; locators keep
their width, so page lists, footers and anchors keep their length.
"""
import struct

import numpy as np
import xxhash

from root_bytes import decompress

CHAR, INT64, UINT64, UINT32, SPLIT_UINT32, SPLIT_INT64, SPLIT_UINT64 = 0x02, 0x09, 0x0A, 0x08, 0x14, 0x15, 0x16
NUMBERS = ("index_ref", "m_commonOID2", "oid2", "oid1")


def decode(kind, data):
    """Values of a page of unsigned or zigzag numbers."""
    width = 4 if kind in (UINT32, SPLIT_UINT32) else 8
    raw = np.frombuffer(data, dtype=np.uint8)
    if kind in (SPLIT_UINT32, SPLIT_INT64, SPLIT_UINT64):
        raw = raw.reshape(width, -1).T.copy().reshape(-1)
    values = raw.view(f"<u{width}").copy()
    return (values >> 1) ^ (np.uint64(0) - (values & np.uint64(1))) if kind == SPLIT_INT64 else values


def encode(kind, values):
    width = values.dtype.itemsize
    if kind == SPLIT_INT64:
        values = ((values.view(np.int64) << 1) ^ (values.view(np.int64) >> 63)).view(np.uint64)
    raw = np.ascontiguousarray(values).view(np.uint8)
    return raw.reshape(-1, width).T.tobytes() if kind in (SPLIT_UINT32, SPLIT_INT64, SPLIT_UINT64) else raw.tobytes()


def blob(file, data):
    """Appends a record of class RBlob; where its data begin."""
    at, names = len(file.data), b"\x05RBlob\x00\x00"
    keylen = 26 + 8 + len(names)
    file.append(struct.pack(">ihiIhhqq", keylen + len(data), 1004, len(data), 0x5E000000, keylen, 1, at, file.begin) + names + data)
    return at + keylen


def sealed(data):
    return data + struct.pack("<Q", xxhash.xxh3_64_intdigest(data))


def new_page(kind, name, data, identity):
    if kind == CHAR:
        return identity.texts(data)
    if name in NUMBERS and kind in (INT64, UINT64, SPLIT_INT64, SPLIT_UINT64):
        values = decode(kind, data)
        own = values >> np.uint64(32) == identity.old_pid
        values[own] ^= np.uint64((identity.old_pid ^ identity.new_pid) << 32)
        return encode(kind, values)
    if name == "m_data1":
        values = decode(kind, data)
        values[values == identity.old_word] = identity.new_word
        return encode(kind, values)
    return data


def rewrite_pages(file, ntuple, identity):
    """Pages that change: old (bytes, offset) to new."""
    moved = {}
    for cluster in ntuple.page_link_list:
        for record, column in zip(ntuple.column_records, cluster):
            name = ntuple.field_records[record.field_id].field_name
            for page in column.pages:
                old = page.locator.num_bytes, page.locator.offset
                if old in moved or (record.type != CHAR and name not in (*NUMBERS, "m_data1")):
                    continue
                size = page.num_elements * record.nbits // 8
                data = decompress(bytes(file.data[old[1]:old[1] + old[0]]), size)
                new = new_page(record.type, name, data, identity)
                if new != data:
                    moved[old] = len(new), blob(file, sealed(new) if page.has_checksum else new)
    return moved


def relocate(envelope, moved, form):
    """Replaces locators in an envelope and seals it again."""
    body = bytearray(envelope[:-8])
    for old, new in moved.items():
        before, count = struct.pack(form, *old), 0
        while (at := body.find(before)) >= 0:
            body[at:at + len(before)] = struct.pack(form, *new)
            count += 1
        if not count:
            raise ValueError(f"no locator of {old}")
    return sealed(bytes(body))


def rewrite_ntuple(file, record, ntuple, identity):
    moved = rewrite_pages(file, ntuple, identity)
    lists = {}
    for group in ntuple.footer.cluster_group_records:
        link = group.page_list_link
        place = link.locator.num_bytes, link.locator.offset
        stored = bytes(file.data[place[1]:place[1] + place[0]])
        new = relocate(decompress(stored, link.env_uncomp_size), moved, "<iQ")
        lists[place] = len(new), blob(file, new)
    anchor = ntuple.members
    footer = decompress(bytes(file.data[anchor["fSeekFooter"]:anchor["fSeekFooter"] + anchor["fNBytesFooter"]]), anchor["fLenFooter"])
    footer = relocate(footer, lists, "<iQ")
    payload = bytearray(record.payload())
    old = struct.pack(">QQQ", anchor["fSeekFooter"], anchor["fNBytesFooter"], anchor["fLenFooter"])
    at = payload.index(old)
    payload[at:at + 24] = struct.pack(">QQQ", blob(file, footer), len(footer), len(footer))
    payload[-8:] = struct.pack(">Q", xxhash.xxh3_64_intdigest(bytes(payload[6:-8])))
    file.replace(record, bytes(payload))
