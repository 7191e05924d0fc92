"""Does every reference of a merged POOL file lead where it led before? pool_check.py OUTPUT SOURCE… [--old-fids] [--reduced-metadata] [--all-rows] [--per-event TREE]…

Reads output and sources with uproot and from the bytes of the rows. Row n of a header, tag or data container of
source k is row (rows of the sources before k) + n of the output. Each of its references is one of

  resolved        leads to a row that holds what the row it led to in its source holds
  foreign         names a file that is none of the sources, and is unchanged
  wrong           leads to another row than that one has become, or to other content, or differs in key or class
  dangling        leads nowhere: another file, no such link, container, row, or the header itself is unreadable
  sourceDangling  led nowhere in its source already

--old-fids: also takes the sources' GUIDs for the output's, as a reader with a list of aliases would.
--reduced-metadata: rows of MetaData were reduced to one; references to them need only lead to a row.
--per-event TREE: a source without that tree counts with as many rows in it as it has events.
--all-rows: also compares each row of each branch and field that holds no references, linked or not.
Prints JSON; exit 1 when any reference is wrong or dangling, or the bookkeeping is not as it must be.
"""
import argparse
import json
import sys
from collections import Counter

from pool_contents import FORMS, HEADERS, PoolFile, digest, mangled


class Check:
    def __init__(self, output, sources, old_fids=False, reduced_metadata=False, per_event=()):
        self.per_event = per_event
        self.out, self.sources = PoolFile(output), [PoolFile(path) for path in sources]
        self.own = {self.out.fid} | ({source.fid for source in self.sources} if old_fids else set())
        self.by_fid = {source.fid: source for source in self.sources}
        self.reduced_metadata = reduced_metadata
        self.kinds, self.reasons, self.first, self.digests, self.starts = {}, Counter(), [], {}, {}
        self.problems = self.out.bookkeeping() + self.counts()

    def names(self, select):
        """Names of containers of all sources, once each."""
        return list(dict.fromkeys(name for source in self.sources for name in select(source)))

    def rows_of(self, file, name):
        container = file.container(name)
        return container.count if container else 0

    def start(self, source, name):
        """Row of the output at which the container's tree begins to hold the rows of a source."""
        tree = mangled(name)[0]
        if (source.fid, tree) not in self.starts:
            before = self.sources[:self.sources.index(source)]
            self.starts[source.fid, tree] = sum(self.wanted(other, tree) for other in before)
        return self.starts[source.fid, tree]

    def wanted(self, source, tree):
        """Rows of the output that a source stands for."""
        if tree in source.root:
            return source.root[tree].num_entries
        return max((self.rows_of(source, name) for name in source.headers() if not name.startswith("MetaData")), default=0) if tree in self.per_event else 0

    def counts(self):
        """Trees and RNTuples that do not hold the rows of all sources."""
        trees = dict.fromkeys(key for source in self.sources for key, kind in source.root.classnames(cycle=False).items() if kind in ("TTree", "ROOT::RNTuple") and key[:2] != "##")
        problems = []
        for tree in trees:
            wanted = sum(self.wanted(source, tree) for source in self.sources)
            found = self.out.root[tree].num_entries if tree in self.out.root else None
            if found != wanted and not (self.reduced_metadata and tree.startswith("MetaData")):
                problems.append(f"{tree} has {found} rows, {wanted} in the sources")
        return problems

    def note(self, kind, verdict, reason, where):
        self.kinds.setdefault(kind, Counter())[verdict] += 1
        if verdict in ("wrong", "dangling"):
            self.reasons[f"{verdict}: {reason}"] += 1
            if len(self.first) < 20:
                self.first.append(f"{where}: {verdict}: {reason}")

    def digest(self, file, place):
        key = (id(file), *place)
        if key not in self.digests:
            self.digests[key] = digest(file, *place)
        return self.digests[key]

    def judge(self, source, before, after, where, kind):
        """One reference, as it was and as it is."""
        origin = self.by_fid.get(before["db"]) if before["db"] in self.by_fid else None
        place = origin.resolve(before, {origin.fid}) if origin else None
        if before["db"] == source.fid and isinstance(place, str):
            return self.note(kind, "sourceDangling", place, where)
        if origin is None or isinstance(place, str):
            same = all(before[name] == after[name] for name in ("db", "cnt", "classId", "oid1", "oid2"))
            return self.note(kind, "foreign" if same else "wrong", "a reference to a foreign file is changed", where)
        found = self.out.resolve(after, self.own)
        if isinstance(found, str):
            return self.note(kind, "dangling", found, where)
        self.note(kind, *self.compare(origin, before, after, place, found), where)

    def compare(self, origin, before, after, place, found):
        if any(before.get(name) != after.get(name) for name in ("classId", "key", "clid")):
            return "wrong", "another key or class"
        if mangled(place[0]) != mangled(found[0]):
            return "wrong", "leads to another container"
        if self.reduced_metadata and place[0].startswith("MetaData("):
            return "resolved", ""
        bookkeeping = before["classId"] in HEADERS or before["classId"] in FORMS
        by_row = after["oid2"] >> 32 == 0  # else index_ref tells the row, and rows of another tree need not keep step
        if (bookkeeping or by_row) and found[1] != self.start(origin, place[0]) + place[1]:
            return "wrong", "leads to another row"
        if bookkeeping:
            return "resolved", ""
        return ("resolved", "") if self.digest(origin, place) == self.digest(self.out, found) else ("wrong", "the row holds something else")

    def lost(self, elements, kind, reason, where):
        for element in elements:
            self.note(kind, "dangling", reason, where)

    def header(self, source, name, row):
        where = f"{name} row {row} of {source.fid}"
        kind = "metadata" if name.startswith("MetaData") else "satellite" if "basic" in name else "header"
        before, form, fresh = source.elements(name, row, {source.fid})
        after_row = self.start(source, name) + row
        if after_row >= self.rows_of(self.out, name):
            return self.lost([*before, *([form] if form else [])], kind, "the header is missing", where)
        try:
            after, after_form, after_fresh = self.out.elements(name, after_row, self.own)
        except Exception as error:  # the header cannot be read: nothing it held can be followed
            reason = str(error) if isinstance(error, ValueError) else f"the form does not fit ({type(error).__name__})"
            return self.lost([*before, *([form] if form else [])], kind, reason, where)
        if len(before) != len(after):
            return self.lost(before, kind, "another number of elements", where)
        if form:
            self.judge(source, {**form, "key": "", "clid": 0}, {**after_form, "key": "", "clid": 0}, f"{where}: form", "form")
        if fresh and not after_fresh:
            self.problems.append(f"{where}: the digest is not that of the form")
        for k, (old, new) in enumerate(zip(before, after)):
            self.judge(source, old, new, f"{where} element {k} {old['key']}", kind)

    def tag(self, source, name, row):
        where, after_row = f"{name} row {row} of {source.fid}", self.start(source, name) + row
        before = source.tag(name, row)
        if after_row >= self.rows_of(self.out, name):
            return self.note("tag", "dangling", "the tag is missing", where)
        self.judge(source, before, self.out.tag(name, after_row), where, "tag")

    def data(self, source, name, row):
        """Tokens inside the data."""
        where, after_row = f"{name} row {row} of {source.fid}", self.start(source, name) + row
        before = source.container(name).tokens(row)
        after = self.out.container(name).tokens(after_row) if after_row < self.rows_of(self.out, name) else []
        if len(before) != len(after):
            return self.lost(before, "data", "another number of tokens", where)
        for old, new in zip(before, after):
            self.judge(source, old, new, where, "data")

    def all_rows(self):
        """Rows of everything but headers, forms, tags and bookkeeping; how many were equal."""
        equal = 0
        for source in self.sources:
            for tree in source.data_groups():
                if tree.startswith("MetaData") and self.reduced_metadata:
                    continue
                for column in source.columns_of(tree):
                    before, after = source.column(tree, column), self.out.column(tree, column)
                    start = self.start(source, tree)
                    found = [after is not None and start + row < after.count and before.data(row) == after.data(start + row) for row in range(before.count)]
                    equal += sum(found)
                    if not all(found):
                        self.problems.append(f"{tree}: {column}: row {found.index(False)} of {source.fid} is not as it was")
        return equal

    def run(self, all_rows=False):
        for source in self.sources:
            for name in source.headers():
                for row in range(self.rows_of(source, name)):
                    self.header(source, name, row)
            for name in source.tags():
                for row in range(self.rows_of(source, name)):
                    self.tag(source, name, row)
            for name in source.data_containers():
                if self.rows_of(source, name) and source.container(name).has_tokens():
                    for row in range(self.rows_of(source, name)):
                        self.data(source, name, row)
        total = sum(self.kinds.values(), Counter())
        rows = {"rows": self.all_rows()} if all_rows else {}
        return {**rows, "references": sum(total.values()), **{verdict: total[verdict] for verdict in ("resolved", "foreign", "wrong", "dangling", "sourceDangling")},
                "byKind": {kind: dict(found) for kind, found in self.kinds.items()}, "reasons": dict(self.reasons.most_common()), "first": self.first, "problems": self.problems}


def pool_check(output, sources, old_fids=False, reduced_metadata=False, all_rows=False, per_event=()):
    return Check(output, sources, old_fids, reduced_metadata, per_event).run(all_rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--old-fids", action="store_true")
    parser.add_argument("--reduced-metadata", action="store_true")
    parser.add_argument("--all-rows", action="store_true")
    parser.add_argument("--per-event", action="append", default=[])
    arguments = parser.parse_args()
    result = pool_check(arguments.output, arguments.sources, arguments.old_fids, arguments.reduced_metadata, arguments.all_rows, arguments.per_event)
    print(json.dumps(result, indent=1))
    sys.exit(1 if result["wrong"] or result["dangling"] or result["problems"] else 0)
