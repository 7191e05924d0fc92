"""What uproot reads of the headers, forms, tags and bookkeeping of a POOL file, as JSON: uproot_pool.py FILE."""
import json
import sys

import uproot


def plain(value):
    """64-bit integers as text: JSON numbers of JavaScript end at 2^53."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, int) and abs(value) > 2**31 else value


def as_list(value):
    """Arrays and STL vectors of uproot as lists, to any depth."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list) or type(value).__name__.startswith("STL"):
        return [as_list(item) for item in value]
    return value


def branches(tree):
    """All branches uproot can read, by their full names."""
    rows = {}
    for name, branch in tree.items(recursive=True):
        try:
            values = as_list(branch.array(library="np"))
        except Exception:  # vectors stored member by member, and counts without data, are not read by uproot
            continue
        if len(values) == tree.num_entries:
            rows[name] = values
    return rows


def main(path):
    out = {}
    with uproot.open(path) as file:
        for name, kind in file.classnames(cycle=False, recursive=False).items():
            if not name.startswith(("##", "POOL", "MetaDataHdr", "DataHeader", "EventTag")):
                continue
            if kind == "TTree":
                out[name] = branches(file[name])
            elif kind.endswith("RNTuple"):
                fields = file[name].keys(recursive=False)
                out[name] = {field: file[name].arrays([field])[field].tolist() for field in fields}
    json.dump(plain(out), sys.stdout, default=str)


main(sys.argv[1])
