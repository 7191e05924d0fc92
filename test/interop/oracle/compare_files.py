"""Two files that should mean the same, ours and hadd's: equal digests but for what may differ."""
from dump import dump

# Names of the members that hadd sets in its own way although no value depends on them
# (cluster lists: hadd claims the first size for never flushed trees; the length of a TLeafC stays that of the first file).
LOOSE_LEAF = " len "


def leaves(branch):
    return sorted(leaf for leaf in branch["leaves"] if LOOSE_LEAF not in leaf)


def close(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return a == b or abs(a - b) <= 1e-10 * max(abs(a), abs(b))


def histogram_differences(a, b):
    for member in ("entries", "stats", "cells", "sumw2", "binEntries", "binSumw2"):
        left, right = a[member], b[member]
        if len(left) != len(right) or not all(map(close, left, right)):
            yield member
    if a["frame"] != b["frame"]:
        yield "axes, labels, functions or attributes"


def tree_differences(a, b):
    for member in ("entries", "indexRows", "frame"):
        if a[member] != b[member]:
            yield member
    for name in sorted(a["branches"].keys() | b["branches"].keys()):
        left, right = a["branches"].get(name), b["branches"].get(name)
        if not left or not right:
            yield f"branch {name} in one file only"
        elif (left["entries"], left["bytes"], left["failures"]) != (right["entries"], right["bytes"], right["failures"]):
            yield f"branch {name}: entries or bytes"
        elif leaves(left) != leaves(right):
            yield f"branch {name}: values or maxima"


def differences_of(a, b):
    """Differences of two digests of one class."""
    left, right = a["digest"], b["digest"]
    if not left or not right:
        yield from [] if left == right else ["readable in one file only"]
    elif "cells" in left:
        yield from histogram_differences(left, right)
    elif "branches" in left:
        yield from tree_differences(left, right)
    elif "values" in left:
        yield from [] if left == right else ["entries or values"]
    elif left["bytes"] != right["bytes"] and (left["json"] != right["json"] or not left["json"]):
        yield "bytes and JSON"


def newest(digests):
    """path -> digests ascending by cycle."""
    paths = {}
    for key, digest in digests.items():
        path, cycle = key.rsplit(";", 1)
        paths.setdefault(path, []).append((int(cycle), digest))
    return {path: [digest for _, digest in sorted(found, key=lambda pair: pair[0])] for path, found in paths.items()}


def compare_files(a, b):
    """List of differences (path, class, what) between the newest cycles of two files; UUIDs, dates, cycle
    numbers, key order and compression do not count."""
    left, right = newest(dump(a)), newest(dump(b))
    differences = []
    for path in sorted(left.keys() | right.keys()):
        one, other = left.get(path), right.get(path)
        if not one or not other:
            present = (one or other)[-1]
            if present["class"] != "TProcessID":
                differences.append({"path": path, "class": present["class"], "what": "only in " + ("the second" if not one else "the first")})
        elif one[-1]["class"].replace("TDirectoryFile", "TDirectory") != other[-1]["class"].replace("TDirectoryFile", "TDirectory"):
            differences.append({"path": path, "class": one[-1]["class"], "what": f"class {other[-1]['class']} in the second"})
        else:
            differences += [{"path": path, "class": one[-1]["class"], "what": what} for what in differences_of(one[-1], other[-1])]
    return differences
