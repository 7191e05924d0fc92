"""Rows of POOL headers and forms, from their bytes: what the members hold, however the branch is split.

A row comes as columns: one of the name "" when the branch is unsplit, else one per sub-branch. Elements are
dictionaries db, cnt (None: not told), classId, tech, oid1, oid2, key, clid, provenance.
"""
import hashlib
import re
import struct

TOKEN = re.compile(rb"\[DB=([0-9A-Fa-f-]{36}|<localDB>)\]\[CNT=([^\]]*)\]\[CLID=([0-9A-Fa-f-]{36})\]\[TECH=([0-9A-Fa-f]{8})\]\[OID=([0-9A-Fa-f]{8,16})-([0-9A-Fa-f]{8,16})\]")
NO_TOKEN = -(1 << 31)


def signed(text):
    value, bits = int(text, 16), 4 * len(text)
    return value - (1 << bits) if value >> (bits - 1) else value


def parse_token(text):
    match = TOKEN.search(text.encode() if isinstance(text, str) else text)
    if not match:
        return None
    db, cnt, class_id, tech, oid1, oid2 = (group.decode() for group in match.groups())
    return {"db": db.upper() if db[0] != "<" else db, "cnt": cnt, "classId": class_id.upper(), "tech": int(tech, 16), "oid1": signed(oid1), "oid2": signed(oid2)}


class Bytes:
    """Big-endian reading of a row."""

    def __init__(self, data):
        self.data, self.at = bytes(data), 0

    def number(self, code):
        value, = struct.unpack_from(">" + code, self.data, self.at)
        self.at += struct.calcsize(code)
        return value

    def numbers(self, code, count):
        values = struct.unpack_from(f">{count}{code}", self.data, self.at)
        self.at += struct.calcsize(f">{count}{code}")
        return list(values)

    def text(self):
        length = self.number("B")
        if length == 255:
            length = self.number("I")
        self.at += length
        if self.at > len(self.data):
            raise ValueError("a text ends behind its row")
        return self.data[self.at - length:self.at].decode()

    def texts(self, count):
        return [self.text() for _ in range(count)]

    def frame(self):
        """Byte count and version; the end of the frame and the version, -1 for a class told by its checksum."""
        count, version = self.number("I"), self.number("H")
        if not count & 0x40000000:
            raise ValueError("no byte count")
        end = self.at - 2 + (count & ~0x40000000)
        if version == 0:
            self.at += 4
        return end, version

    def framed_texts(self, count):
        self.frame()
        return self.texts(count)

    def text_lists(self, count):
        """A vector of texts per element, all in one frame."""
        self.frame()
        return [self.texts(self.number("i")) for _ in range(count)]

    def word_lists(self, count):
        """A vector of 4-byte numbers per element, all in one frame."""
        self.frame()
        return [self.numbers("I", self.number("i")) for _ in range(count)]

    def long_lists(self, count):
        """The same of 8-byte numbers."""
        self.frame()
        return [self.numbers("Q", self.number("i")) for _ in range(count)]

    def guids(self, count):
        """Objects of class Guid, each in its frame."""
        found = []
        for _ in range(count):
            self.frame()
            found.append(guid_text(self.data[self.at:self.at + 16]))
            self.at += 16
        return found

    def vectors(self, item):
        """A framed vector of vectors."""
        self.frame()
        return [item(self.number("i")) for _ in range(self.number("i"))]

    def memberwise(self, members):
        """A vector of elements stored member by member: one list per member."""
        end, version = self.frame()
        if not version & 0x4000:
            raise ValueError(f"elements are not stored by member (version {version:#x})")
        inner = self.number("H")
        if inner == 0:
            self.at += 4
        count = self.number("i")
        columns = [getattr(self, kind)(count) if len(kind) > 1 else self.numbers(kind, count) for kind in members] if count else [[] for _ in members]
        self.at = end
        return columns


def guid_text(data):
    text = data.hex().upper()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def member(columns, name):
    """The bytes of the column of a member; a prefix of the branch's name does not count."""
    for key, data in columns.items():
        key = key.split("[")[0]
        if key == name or key.endswith("." + name):
            return Bytes(data)
    raise ValueError(f"no column {name}")


def split_elements(columns, vector, members):
    """Columns of a split vector: one list per member; of one that stays whole in its branch (split level 1), too."""
    if len(member(columns, vector).data) != 4:
        return member(columns, vector).memberwise([kind for _, kind in members])
    count = member(columns, vector).number("i")
    found = []
    for name, kind in members:
        column = member(columns, f"{vector}.{name}")
        found.append((getattr(column, kind)(count) if len(kind) > 1 else column.numbers(kind, count)) if column.data or count else [])
    return found


def stored_p5(columns):
    if "" in columns:
        row = Bytes(columns[""])
        tokens, oid2 = row.memberwise(["framed_texts", "I"])
        return {"tokens": tokens, "oid2": oid2, "form": row.framed_texts(1)[0], "mdx": row.framed_texts(1)[0]}
    tokens, oid2 = split_elements(columns, "m_dataHeader", [("m_token", "framed_texts"), ("m_oid2", "I")])
    return {"tokens": tokens, "oid2": oid2, "form": member(columns, "m_dhFormToken").framed_texts(1)[0], "mdx": member(columns, "m_dhFormMdx").framed_texts(1)[0]}


def form_p5(columns):
    def parse(texts, words):
        texts.frame()
        table = texts.texts(texts.number("i"))
        return {"map": table, "uints": words.vectors(lambda count: words.numbers("I", count))}
    if "" in columns:
        row = Bytes(columns[""])
        return parse(row, row)
    return parse(member(columns, "m_map"), member(columns, "m_uints"))


def digest_p5(form):
    md5 = hashlib.md5()
    for text in form["map"]:
        md5.update(text.encode() + b"\n")
    for row in form["uints"]:
        md5.update(("".join(f"{word}," for word in row) + "\n").encode())
    return guid_text(md5.digest())


def elements_p5(header, form):
    table, elements = form["map"], []
    provenance = form["uints"][0][0]
    if len(header["tokens"]) != len(form["uints"]) - 1:
        raise ValueError(f"{len(header['tokens'])} elements, the form has {len(form['uints']) - 1}")
    for k, (token, oid2) in enumerate(zip(header["tokens"], header["oid2"])):
        words = form["uints"][k + 1]
        version = words[0] & 0xFFFF
        if version == 0:
            elements.append({**parse_token(token), "key": "", "clid": 0, "provenance": k < provenance})
            continue
        tail = words[3 + (version & 1):]
        key, clid = (tail[1], tail[4]) if version & 0x10 else (tail[1] >> 16, tail[2])
        prefix, kind, key_at = words[2] >> 16, words[2] & 0xFFFF, words[0] >> 16
        if key_at:
            token = token[:key_at - 1] + table[key] + token[key_at - 1:]
        name = (table[prefix] + (table[kind] if kind else "") if prefix else "") + token
        elements.append({"db": table[words[1] >> 16].upper(), "cnt": name or None, "classId": table[words[1] & 0xFFFF].upper(), "tech": words[3] if version & 1 else 0x202,
                         "oid1": tail[0], "oid2": oid2, "key": table[key], "clid": clid, "provenance": k < provenance})
    return elements


def stored_p6(columns):
    if "" in columns:
        row = Bytes(columns[""])
        db, oid2 = row.number("I"), row.number("q")
        row.frame()
        short = row.numbers("i", row.number("i"))
        full = row.memberwise(["q", "I", "I"])
        return {"db": db, "oid2": oid2, "short": short, "full": list(zip(*full)), "provenance": row.number("I"), "form": row.framed_texts(1)[0]}
    short = member(columns, "m_shortElements")
    short.frame()
    full = split_elements(columns, "m_fullElements", [("oid2", "q"), ("dbIdx", "I"), ("objIdx", "I")])
    return {"db": member(columns, "m_commonDbIndex").number("I"), "oid2": member(columns, "m_commonOID2").number("q"), "short": short.numbers("i", short.number("i")),
            "full": list(zip(*full)), "provenance": member(columns, "m_provenanceSize").number("I"), "form": member(columns, "m_dhFormToken").framed_texts(1)[0]}


def split_guids(columns, name, count):
    if any(key.split("[")[0].endswith(name) for key in columns):
        return member(columns, name).guids(count)  # whole in a branch of their own (split level 2)
    parts = [member(columns, f"{name}.m_data{i}") for i in (1, 2, 3, 4)]
    return [guid_text(b"".join(part.data[width * i:width * (i + 1)] for part, width in zip(parts, (4, 2, 2, 8)))) for i in range(count)]


def form_p6(columns):
    if "" in columns:
        row = Bytes(columns[""])
        fids, _ = row.memberwise(["guids", "I"])
        ids, names, keys, clids, oid1 = row.memberwise(["guids", "framed_texts", "framed_texts", "I", "q"])
    elif len(member(columns, "m_dbRecords").data) != 4:
        fids, _ = member(columns, "m_dbRecords").memberwise(["guids", "I"])
        ids, names, keys, clids, oid1 = member(columns, "m_objRecords").memberwise(["guids", "framed_texts", "framed_texts", "I", "q"])
    else:
        fids = split_guids(columns, "m_dbRecords.fid", member(columns, "m_dbRecords").number("i"))
        ids = split_guids(columns, "m_objRecords.guid", member(columns, "m_objRecords").number("i"))
        names, keys, clids, oid1 = split_elements(columns, "m_objRecords", [("cont", "framed_texts"), ("key", "framed_texts"), ("clid", "I"), ("oid1", "q")])
    return {"fids": fids, "objects": list(zip(ids, names, keys, clids, oid1))}


def elements_p6(header, form):
    elements = []
    first_provenance = len(header["short"]) - 1 - header["provenance"]
    for i, value in enumerate(header["short"]):
        if value == NO_TOKEN:
            continue
        oid2, db, at = (header["oid2"], header["db"], value) if value >= 0 else header["full"][-1 - value]
        class_id, name, key, clid, oid1 = form["objects"][at]
        elements.append({"db": form["fids"][db], "cnt": name or None, "classId": class_id, "tech": None, "oid1": oid1, "oid2": oid2,
                         "key": key, "clid": clid, "provenance": first_provenance <= i < first_provenance + header["provenance"]})
    return elements


MEMBERS_P3 = ["word_lists", "framed_texts", "text_lists", "I", "I", "I", "H", "H", "H", "H", "long_lists"]


def list_p3(columns, vector):
    """Token, keys and numbers of each element of a list, split or whole in its branch."""
    column = member(columns, vector)
    if len(column.data) != 4:
        _, tokens, alias, _, oid1, oid2, db, class_id, prefix, key_at, _ = column.memberwise(MEMBERS_P3)
        return list(zip(tokens, alias, oid1, oid2, db, class_id, prefix, key_at))
    count = column.number("i")
    if not count:
        return []
    tokens, alias, *numbers = split_elements(columns, vector, [("m_token", "framed_texts"), ("m_alias", "text_lists"), ("m_oid1", "I"), ("m_oid2", "I"), ("m_dbGuidIdx", "H"), ("m_classIdIdx", "H"), ("m_prefixIdx", "H"), ("m_keyPos", "H")])
    return list(zip(tokens, alias, *numbers))


def elements_of_table(stored, table):
    """Elements of p3 and p4, which have no form: the header holds the table of texts; without one, whole tokens. `stored`: lists with their flag."""
    elements = []
    for listed, provenance in stored:
        for token, names, oid1, oid2, db, class_id, prefix, key_at in listed:
            told = {"key": names[0] if names else "", "clid": 0, "provenance": provenance, "tech": None}
            if not table:
                elements.append({**parse_token(token), **told})
                continue
            name = token[:key_at - 1] + names[0] + token[key_at - 1:] if key_at else token
            elements.append({"db": table[db].upper(), "cnt": (table[prefix] if prefix else "") + name, "classId": table[class_id].upper(), "oid1": oid1, "oid2": oid2, **told})
    return elements


def elements_p3(columns):
    table = member(columns, "m_GuidMap")
    table.frame()
    return elements_of_table([(list_p3(columns, "m_InputDataHeader"), True), (list_p3(columns, "m_DataHeader"), False)], table.texts(table.number("i")))


def elements_p4(columns):
    """As p3, but provenance and data are one list."""
    if "" in columns:
        row = Bytes(columns[""])
        _, tokens, alias, _, oid1, oid2, db, class_id, prefix, key_at, _ = row.memberwise(MEMBERS_P3)
        listed, count = list(zip(tokens, alias, oid1, oid2, db, class_id, prefix, key_at)), row.number("I")
    else:
        listed, count, row = list_p3(columns, "m_dataHeader"), member(columns, "m_provSize").number("I"), member(columns, "m_guidMap")
    row.frame()
    table = row.texts(row.number("i"))
    return elements_of_table([(listed[:count], True), (listed[count:], False)], table)


def stored_tuple_p6(value):
    return {"db": value["m_commonDbIndex"], "oid2": value["m_commonOID2"], "short": value["m_shortElements"], "full": [(e["oid2"], e["dbIdx"], e["objIdx"]) for e in value["m_fullElements"]],
            "provenance": value["m_provenanceSize"], "form": value["m_dhFormToken"]}


def tuple_guid(value):
    return guid_text(struct.pack(">IHH8B", value["m_data1"], value["m_data2"], value["m_data3"], *value["m_data4"]))


def form_tuple_p6(value):
    return {"fids": [tuple_guid(record["fid"]) for record in value["m_dbRecords"]],
            "objects": [(tuple_guid(record["guid"]), record["cont"], record["key"], record["clid"], record["oid1"]) for record in value["m_objRecords"]]}
