"""A POOL file as its bookkeeping describes it: containers by name, rows by token, and what a row holds."""
import hashlib
import re

import numpy as np
import uproot

import pool_rows as rows

HEADERS = {"EC1318F0-8E28-45F8-9A2D-2597C1CC87A6": "p3", "9630EB7B-CCD7-47D9-A39B-CBBF4133CDF2": "p4", "D82968A1-CF91-4320-B2DD-E0F739CBC7E6": "p5", "4DDBD295-EFCE-472A-9EC8-15CD35A9EB8D": "p6"}
FORMS = {"3397D8A3-BBE6-463C-9F8E-4B3DFD8831FE": "p5", "7BE56CEF-C866-4BEE-9348-A5F34B5F1DAD": "p6"}
ZERO = "00000000-0000-0000-0000-000000000000"


class Column:
    """Bytes of the entries of one branch."""

    def __init__(self, branch):
        parts, lengths = [], []
        for number in range(branch.num_baskets):
            basket = branch.basket(number)
            data = np.asarray(basket.data, dtype=np.uint8)
            count = basket.num_entries
            if basket.byte_offsets is None:
                lengths.append(np.full(count, len(data) // count if count else 0, dtype=np.int64))
            else:
                lengths.append(np.diff(np.asarray(basket.byte_offsets, dtype=np.int64))[:count])
                data = data[:int(lengths[-1].sum())]
            parts.append(data)
        self.data = np.concatenate(parts).tobytes() if parts else b""
        self.starts = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]) if parts else np.zeros(1, dtype=np.int64)

    def row(self, number):
        if number + 1 >= len(self.starts):
            raise ValueError("a branch has too few rows")
        return self.data[self.starts[number]:self.starts[number + 1]]


class TreeContainer:
    """Rows of a branch with its sub-branches, or of a whole tree."""

    def __init__(self, file, tree, branches):
        self.file, self.tree, self.count, self.branches, self.read = file, tree, tree.num_entries, branches, None

    def columns(self):
        if self.read is None:
            self.read = {}
            for top in self.branches:
                nested = [branch for _, branch in top.iteritems(recursive=True, full_paths=True)]
                for branch in [top, *nested]:
                    if branch.branches and not branch.num_baskets:
                        continue  # holds nothing itself
                    key = "" if branch is top else branch.name
                    while key in self.read:
                        key += "'"
                    self.read[key] = Column(branch)
        return self.read

    def row(self, number):
        return {name: column.row(number) for name, column in self.columns().items()}

    def data(self, number):
        """Everything the row holds; its tokens without file and row, which merging changes."""
        return rows.TOKEN.sub(b"token", b"\0".join(self.row(number).values()))

    def tokens(self, number):
        """Tokens in the row."""
        return [rows.parse_token(match.group()) for data in self.row(number).values() for match in rows.TOKEN.finditer(data)]

    def has_tokens(self):
        return any(b"[DB=" in column.data for column in self.columns().values())

    def lookup(self, oid2):
        if oid2 >> 32 == 0:
            return oid2
        return self.file.index_of(self.tree).get(oid2)


class TupleContainer:
    """Rows of a field of an RNTuple."""

    def __init__(self, file, ntuple, field):
        self.file, self.ntuple, self.field, self.count, self.values = file, ntuple, field, ntuple.num_entries, None

    def row(self, number):
        if self.values is None:
            self.values = self.ntuple[self.field].array().tolist() if self.count else []
        return self.values[number]

    def data(self, number):
        return repr(self.row(number)).encode()

    def tokens(self, number):
        return []

    def has_tokens(self):
        return False

    def lookup(self, oid2):
        return self.file.index_of(self.ntuple).get(oid2)


def is_tuple(group):
    return type(group).__name__.startswith("Model_ROOT_3a3a_RNTuple")


def mangled(name):
    """Tree and branch of a container; branch None: the whole tree."""
    match = re.fullmatch(r"([^(]+)\((.*)\)", name)
    tree, branch = (match[1], match[2]) if match else (name, None)
    return tree.replace("/", "_"), branch and branch.replace("/", "_")


class PoolFile:
    def __init__(self, path):
        self.root = uproot.open(path)
        self.params = [re.fullmatch(r"\[NAME=(.*?)\]\[VALUE=(.*)\]", text).groups() for text in self.texts("##Params")]
        self.fid = [value.upper() for name, value in self.params if name == "FID"][-1]
        self.links = [rows.parse_token(text) for text in self.texts("##Links")]
        self.shapes = [re.match(r"\{ID=([0-9A-Fa-f-]+)\}", text)[1].upper() for text in self.texts("##Shapes")]
        self.by_oid1 = {}
        for link in self.links:
            self.by_oid1.setdefault(link["oid1"], link)
        self.containers, self.indices, self.forms, self.tops = {}, {}, {}, {}

    def texts(self, tree):
        return self.root[tree]["db_string"].array().tolist()

    def bookkeeping(self):
        """What is wrong with links, shapes and parameters."""
        problems = []
        identities = [(link["db"], link["cnt"], link["classId"]) for link in self.links]
        if [name for name, _ in self.params].count("FID") != 1 or len(self.params) not in (4, 6):
            problems.append(f"##Params has {len(self.params)} rows, {[name for name, _ in self.params].count('FID')} FID")
        problems += [f"##Links holds {identity[1]} {identities.count(identity)} times" for identity in dict.fromkeys(identities) if identities.count(identity) > 1]
        problems += [f"##Links row {i} has link id {link['oid1']:x}" for i, link in enumerate(self.links) if link["oid1"] & 0xFFFFFFFF != i + 2]
        problems += [f"##Links row {i} repeats link id {link['oid1']:x}" for i, link in enumerate(self.links) if self.by_oid1[link["oid1"]] is not link]
        problems += [f"##Links row {i} is of file {link['db']}" for i, link in enumerate(self.links) if link["db"] not in (ZERO, "<localDB>", self.fid)]
        problems += [f"##Shapes holds {shape} {self.shapes.count(shape)} times" for shape in dict.fromkeys(self.shapes) if self.shapes.count(shape) > 1]
        if "##Sections" in self.root.keys(cycle=False):
            problems.append("##Sections")
        for name, kind in self.root.classnames(cycle=False).items():
            if kind == "TTree" and name[:2] != "##" and "index_ref" in self.root[name].keys(recursive=False):
                index = self.root[name]["index_ref"].array().tolist()
                if len(set(index)) != len(index):
                    problems.append(f"index_ref of {name} repeats {len(index) - len(set(index))} values")
        return problems

    def index_of(self, group):
        if id(group) not in self.indices:
            values = group["index_ref"].array().tolist() if group.num_entries and "index_ref" in group.keys(recursive=False) else []
            found = {}
            for row, value in enumerate(values):
                found.setdefault(value, row)
            self.indices[id(group)] = found
        return self.indices[id(group)]

    def container(self, name):
        if name not in self.containers:
            self.containers[name] = self.find(name)
        return self.containers[name]

    def find(self, name):
        tree, branch = mangled(name)
        if tree not in self.root:
            return None
        group = self.root[tree]
        if is_tuple(group):
            field = branch and branch.replace(".", ":")
            return TupleContainer(self, group, field) if field in group.keys(recursive=False) else None
        # under full_paths a branch may hold a slash or a dot: compare names
        branches = [b for b in group.branches if (b.name == branch if branch else b.name != "index_ref")]
        return TreeContainer(self, group, branches) if branches else None

    def data_groups(self):
        """Trees and RNTuples without headers, forms and tags."""
        special = {mangled(link["cnt"])[0] for link in self.links if link["classId"] in HEADERS or link["classId"] in FORMS} | {"POOLCollectionTree", "EventTag"}
        return [name for name, kind in self.root.classnames(cycle=False).items() if kind in ("TTree", "ROOT::RNTuple") and name[:2] != "##" and name not in special]

    def columns_of(self, group):
        """Branches or fields."""
        held = self.root[group]
        names = held.keys(recursive=False) if is_tuple(held) else [branch.name for branch in held.branches]
        return [name for name in dict.fromkeys(names) if name != "index_ref"]

    def column(self, group, name):
        """One of them, as a container; None where the file lacks it."""
        if group not in self.tops:
            held = self.root[group] if group in self.root else None
            self.tops[group] = held, {} if held is None or is_tuple(held) else {branch.name: branch for branch in held.branches}, set(self.columns_of(group)) if held is not None else ()
        held, branches, names = self.tops[group]
        if name not in names:
            return None
        return TreeContainer(self, held, [branches[name]]) if branches else TupleContainer(self, held, name)

    def resolve(self, token, own):
        """(container name, row) of a token, or why it has none; `own`: the GUIDs this file answers to."""
        if token["db"] not in own and token["db"] != "<localDB>":
            return "names another file"
        link = self.by_oid1.get(token["oid1"])
        if link is None:
            return "its link id is not in ##Links"
        if token["cnt"] and mangled(token["cnt"]) != mangled(link["cnt"]):
            return "its link is of another container"
        container = self.container(link["cnt"])
        if container is None:
            return "its container is not in the file"
        row = container.lookup(token["oid2"])
        if row is None or not 0 <= row < container.count:
            return "its row does not exist"
        return link["cnt"], row

    def headers(self):
        """Header containers: name to layout."""
        return {link["cnt"]: HEADERS[link["classId"]] for link in self.links if link["classId"] in HEADERS and self.container(link["cnt"])}

    def form(self, token, own, layout):
        place = self.resolve(token, own) if token else "is not a token"
        if isinstance(place, str):
            raise ValueError(f"its form token {place}")
        if place not in self.forms:
            container = self.container(place[0])
            parse = rows.form_p5 if layout == "p5" else rows.form_tuple_p6 if isinstance(container, TupleContainer) else rows.form_p6
            self.forms[place] = parse(container.row(place[1]))
        return self.forms[place]

    def placed(self, name, row, text):
        """Token of the form of a header that names it by a placement (OneDataHeaderForm): same process id, row by the number of the client."""
        container, client = re.search(r"\[CONT=(.*?)\]", text)[1], re.search(r"\[SWN=(\d+)\]", text)
        link = next((link for link in self.links if link["cnt"] == container), None)
        if link is None:
            return None
        store = self.container(name)
        group = store.ntuple if isinstance(store, TupleContainer) else store.tree
        own = next((value for value, at in self.index_of(group).items() if at == row), row)
        return {**link, "db": self.fid, "oid2": (own >> 32 << 32) + (int(client[1]) - 1 if client else 0)}

    def elements(self, name, row, own):
        """References of one header; form token and digest where the layout has them."""
        layout = self.headers()[name]
        stored = self.container(name).row(row)
        if layout in ("p3", "p4"):
            return (rows.elements_p3(stored) if layout == "p3" else rows.elements_p4(stored)), None, None
        is_tuple = isinstance(self.container(name), TupleContainer)
        header = rows.stored_p5(stored) if layout == "p5" else rows.stored_tuple_p6(stored) if is_tuple else rows.stored_p6(stored)
        token = rows.parse_token(header["form"]) if "[OID=" in header["form"] else self.placed(name, row, header["form"])
        form = self.form(token, own, layout)
        if layout == "p5":
            return rows.elements_p5(header, form), token, header["mdx"] == rows.digest_p5(form)
        return rows.elements_p6(header, form), token, None

    def tags(self):
        """Tag containers: columns of tokens."""
        return [f"{tree}(Token)" for tree in ("POOLCollectionTree", "EventTag") if tree in self.root and self.container(f"{tree}(Token)")]

    def tag(self, name, row):
        value = self.container(name).row(row)
        return rows.parse_token(value if isinstance(value, str) else next(iter(value.values())))

    def data_containers(self):
        """Containers whose rows may hold tokens: neither headers nor forms nor tags nor bookkeeping."""
        skip = {**HEADERS, **FORMS}
        names = [link["cnt"] for link in self.links if link["cnt"][:2] != "##" and link["classId"] not in skip]
        return [name for name in dict.fromkeys(names) if name.split("(")[0] not in ("POOLCollectionTree", "EventTag") and self.container(name)]


def digest(file, name, row):
    return hashlib.sha1(file.container(name).data(row)).digest()
