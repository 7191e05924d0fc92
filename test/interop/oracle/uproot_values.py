"""What uproot reads of every branch and RNTuple field of files, as digests, one JSON line each.

uproot_values.py FILE…     {file, tree, path, type, levels: [number or digest of offsets], values: digest, count} or {…, failure};
                            {…, head: [first values]} where uproot rounds or widens in its own way

A window of entries is read: from a third of them on, COUNT at most.
"""
import hashlib
import json
import os
import signal
import sys
import time

import awkward as ak
import numpy as np
import uproot

COUNT = 400
FILE_SECONDS = 40
TYPES = {"b1": "bool", "i1": "int8", "u1": "uint8", "i2": "int16", "u2": "uint16", "i4": "int32", "u4": "uint32",
         "i8": "int64", "u8": "uint64", "f4": "float32", "f8": "float64"}


class Unknown(Exception):
    pass


def digest(data):
    return hashlib.sha1(data).hexdigest()[:16]


def offsets_digest(offsets):
    return digest((np.asarray(offsets, dtype=np.int64) - offsets[0]).astype("<i4").tobytes())


def plain(layout):
    """Levels, type and digest of a layout of numbers or texts."""
    if layout.is_indexed and not layout.is_option:
        layout = layout.project()
    if layout.is_option:
        raise Unknown("option")
    if layout.parameter("__array__") == "string":
        texts = ak.to_list(ak.Array(layout))
        return [], "string", digest("\0".join(texts).encode("utf-8", "surrogateescape"))
    if layout.is_numpy:
        array = np.ascontiguousarray(np.asarray(layout.data))
        kind = array.dtype.newbyteorder("=").str[1:]
        if kind not in TYPES:
            raise Unknown(f"dtype {array.dtype}")
        little = array.astype("<" + kind)
        return list(array.shape[1:]), TYPES[kind], digest(little.tobytes())
    if layout.is_regular:
        levels, kind, values = plain(layout.content[: layout.size * len(layout)])
        return [layout.size, *levels], kind, values
    if layout.is_list:
        packed = layout.to_packed()
        offsets = np.asarray(packed.offsets)
        levels, kind, values = plain(packed.content)
        return [offsets_digest(offsets), *levels], kind, values
    raise Unknown(type(layout).__name__)


def rows_of(array, is_leaf_list=False):
    """One row of digests, or one per field of plain records."""
    layout = ak.to_layout(array).to_packed()
    if layout.is_record and not layout.is_tuple:
        if not is_leaf_list:
            raise Unknown("record")
        for name in layout.fields:
            levels, kind, values = plain(layout[name].to_packed())
            yield {"leaf": name, "type": kind, "levels": levels, "values": values, "count": len(layout)}
    else:
        levels, kind, values = plain(layout)
        yield {"type": kind, "levels": levels, "values": values, "count": len(layout)}


def head(array):
    """The first numbers, however deep they lie."""
    return [float(x) for x in ak.to_numpy(ak.flatten(array, axis=None))[:64]]


def emit(row):
    print(json.dumps(row), flush=True)


class Slow(Exception):
    pass


def timed(signum, frame):
    raise Slow("too slow")


def branches(parent, path, seen):
    for branch in parent.branches:
        full = f"{path}/{branch.name}" if path else branch.name
        unique, n = full, 2
        while unique in seen:
            unique, n = f"{full}#{n}", n + 1
        seen.add(unique)
        yield unique, branch
        yield from branches(branch, full, seen)


def read_tree(base, tree):
    for path, branch in branches(tree, "", set()):
        first = branch.num_entries // 3
        try:
            signal.alarm(5)
            array = branch.array(library="ak", entry_start=first, entry_stop=first + COUNT)
            text = str(branch.interpretation)[:80]
            extra = {"head": head(array)} if "AsDouble32" in text or "AsFloat16" in text else {}
            for row in rows_of(array, type(branch.interpretation) is uproot.AsDtype):
                emit({**base, "path": path, "first": first, "interpretation": text, **row, **extra})
        except BaseException as err:  # noqa: BLE001 - uproot fails in many ways
            emit({**base, "path": path, "failure": f"{type(err).__name__}: {str(err)[:100]}"})
        finally:
            signal.alarm(0)


def read_ntuple(base, ntuple):
    first = ntuple.num_entries // 3
    for name in ntuple.keys():
        try:
            signal.alarm(5)
            array = ntuple.arrays([name], entry_start=first, entry_stop=first + COUNT)
            for part in name.split("."):
                array = array[part]
            for row in rows_of(array):
                if row["type"] == "int64":
                    row["head"] = head(array)
                emit({**base, "path": name, "first": first, "field": True, **row})
        except BaseException as err:  # noqa: BLE001
            emit({**base, "path": name, "field": True, "failure": f"{type(err).__name__}: {str(err)[:100]}"})
        finally:
            signal.alarm(0)


def read_file(path):
    signal.signal(signal.SIGALRM, timed)
    try:
        file = uproot.open(path)
        classes = file.classnames(recursive=True)
    except BaseException as err:  # noqa: BLE001
        return emit({"file": path, "failure": str(err)[:100]})
    newest = {}
    for key, name in classes.items():
        plain_key, cycle = key.rsplit(";", 1)
        if name in ("TTree", "TNtuple", "TNtupleD") or name.endswith("RNTuple"):
            newest[plain_key] = max(newest.get(plain_key, 0), int(cycle))
    for key, cycle in newest.items():
        base = {"file": path, "tree": "/" + key}
        try:
            found = file[f"{key};{cycle}"]
            (read_ntuple if classes[f"{key};{cycle}"].endswith("RNTuple") else read_tree)(base, found)
        except BaseException as err:  # noqa: BLE001
            emit({**base, "failure": f"{type(err).__name__}: {str(err)[:100]}"})


def main():
    """Every file in a process of its own: some reads cannot be interrupted."""
    for path in sys.argv[1:]:
        pid = os.fork()
        if pid == 0:
            read_file(path)
            sys.stdout.flush()
            os._exit(0)
        end = time.monotonic() + FILE_SECONDS
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                emit({"file": path, "failure": "too slow"})
                break
            time.sleep(0.02)


if __name__ == "__main__":
    main()
