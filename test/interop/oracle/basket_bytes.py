"""Trees as uproot reads them: the uncompressed bytes of every entry of every branch, and the values where
uproot has a quick interpretation. Concatenating trees concatenates these bytes, whatever the classes are."""
import hashlib

import numpy as np

QUICK_VALUES = ("AsDtype", "AsJagged", "AsStrings")


class BranchBytes:
    """Running digest of the entries of one branch over several trees."""

    def __init__(self):
        self.entries = 0
        self.data = hashlib.sha1()
        self.lengths = hashlib.sha1()
        self.problem = None
        self.interpretation = None

    def add(self, branch):
        try:
            for number in range(branch.num_baskets):
                basket = branch.basket(number)
                self.data.update(np.ascontiguousarray(basket.data))
                if basket.byte_offsets is not None:
                    self.lengths.update(np.diff(basket.byte_offsets).astype(">i4"))
        except Exception as error:
            self.problem = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        self.entries += branch.num_entries

    def differences(self, found):
        if self.problem:
            return  # uproot cannot read the input: it is no judge here
        if found.problem:
            yield f"uproot cannot read a basket: {found.problem}"
        elif self.entries != found.entries:
            yield f"uproot: entries: expected {self.entries}, found {found.entries}"
        elif self.data.digest() != found.data.digest():
            yield "uproot: bytes of the entries"
        elif self.lengths.digest() != found.lengths.digest():
            yield "uproot: lengths of the entries"


def values_digest(layout, digest):
    """Feeds the values of an awkward layout, independent of how its offsets are laid out."""
    import awkward as ak
    layout = ak.to_packed(layout, highlevel=False)
    if layout.is_record:
        for field in layout.contents:
            values_digest(field, digest)
    elif layout.is_list:
        digest.update(np.asarray(ak.num(layout, axis=1, highlevel=False) if len(layout) else []).astype("<i8"))
        values_digest(layout.content, digest)
    elif layout.is_numpy:
        digest.update(np.ascontiguousarray(layout.data))
    else:
        digest.update(repr(ak.to_list(layout)).encode())


def quick(branch):
    return type(branch.interpretation).__name__ in QUICK_VALUES


def values(branches):
    """Digest of the values of a branch over several trees."""
    import awkward as ak
    digest = hashlib.sha1()
    parts = [branch.array(library="ak") for branch in branches]
    values_digest(ak.concatenate(parts).layout, digest)
    return digest.hexdigest()


def branches_of(tree):
    """Branches by path; of equal paths (real trees hold such) the second and further get a number."""
    branches = {}
    for path, branch in tree.iteritems(recursive=True, full_paths=True):
        key, occurrence = path, 1
        while key in branches:
            occurrence += 1
            key = f"{path} ({occurrence})"
        branches[key] = branch
    return branches


def value_differences(name, inputs, found):
    try:
        if not all(quick(branch) for branch in inputs):
            return
        wanted = values(inputs)
    except Exception:
        return  # uproot cannot read the input: it is no judge here
    try:
        if values([found]) != wanted:
            yield f"{name}: uproot: values"
    except Exception as error:
        yield f"{name}: uproot cannot read the values: {type(error).__name__}: {str(error).splitlines()[:1]}"


def tree_differences(found, inputs):
    """Differences between a tree and the concatenation of others, one line each."""
    out_branches = branches_of(found)
    in_branches = [branches_of(tree) for tree in inputs]
    for name in dict.fromkeys(name for branches in in_branches for name in branches):
        parts = [branches[name] for branches in in_branches if name in branches]
        if name not in out_branches:
            yield f"{name}: branch missing (uproot)"
            continue
        wanted, reading = BranchBytes(), BranchBytes()
        for branch in parts:
            wanted.add(branch)
        reading.add(out_branches[name])
        yield from (f"{name}: {line}" for line in wanted.differences(reading))
        if not wanted.problem and wanted.entries:
            yield from value_differences(name, parts, out_branches[name])
    if found.num_entries != sum(tree.num_entries for tree in inputs):
        yield f"uproot: entries of the tree: expected {sum(tree.num_entries for tree in inputs)}, found {found.num_entries}"
