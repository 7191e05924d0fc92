"""Writes pairs of Arrow and HDF5 files that differ in one value each, in a column or dataset of every type.

format_changes.py FOLDER      prints [{left, right, path, at}]: the two files, what differs, and where
"""

import datetime
import decimal
import json
import os
import sys

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc

ROWS = 40
INDEX = range(ROWS)


def arrow_columns():
    """Type, values, and another value, by name."""
    return {
        "int8": (pa.int8(), [i - 5 for i in INDEX], 99),
        "uint64": (pa.uint64(), [2**63 + i for i in INDEX], 7),
        "half": (pa.float16(), [np.float16(i / 2) for i in INDEX], np.float16(99)),
        "float": (pa.float32(), [i / 4 for i in INDEX], 7.7),
        "double": (pa.float64(), [i / 7 for i in INDEX], float("nan")),
        "bool": (pa.bool_(), [i % 3 == 0 for i in INDEX], None),
        "text": (pa.string(), ["t%d" % i if i % 4 else None for i in INDEX], "other"),
        "large_text": (pa.large_string(), ["\u00fc%d" % i for i in INDEX], ""),
        "text_view": (pa.string_view(), ["x" * i for i in INDEX], "y" * 20),
        "binary": (pa.binary(), [bytes([i, 0]) for i in INDEX], b"\0"),
        "binary_view": (pa.binary_view(), [bytes([i]) * i for i in INDEX], b"1234567890123"),
        "fixed_binary": (pa.binary(3), [bytes([i, 1, 2]) for i in INDEX], b"abc"),
        "decimal": (pa.decimal128(10, 2), [decimal.Decimal(i) / 4 - 3 for i in INDEX], decimal.Decimal("-1.23")),
        "decimal256": (pa.decimal256(40, 3), [decimal.Decimal(-i) for i in INDEX], decimal.Decimal("12345678901234567890.123")),
        "date32": (pa.date32(), list(INDEX), 77),
        "date64": (pa.date64(), [i * 86_400_000 for i in INDEX], 86_400_000 * 99),
        "time32": (pa.time32("ms"), list(INDEX), 77),
        "time64": (pa.time64("ns"), list(INDEX), 77),
        "timestamp": (pa.timestamp("ns"), list(INDEX), 10**15),
        "duration": (pa.duration("s"), list(INDEX), 77),
        "interval": (pa.month_day_nano_interval(), [(i, 2, 3) for i in INDEX], (1, 2, 4)),
        "list": (pa.list_(pa.int16()), [list(range(i % 4)) for i in INDEX], [9, 9]),
        "large_list": (pa.large_list(pa.string()), [["a"] * (i % 3) for i in INDEX], ["b"]),
        "fixed_list": (pa.list_(pa.float32(), 2), [[i, i + 0.5] for i in INDEX], [0.25, 1]),
        "list_view": (pa.list_view(pa.int32()), [[i] * (i % 3) for i in INDEX], [5]),
        "struct": (pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string()))]), [{"a": i, "b": [str(i)]} if i % 5 else None for i in INDEX], {"a": 3, "b": []}),
        "map": (pa.map_(pa.string(), pa.int64()), [[("k", i)] for i in INDEX], [("k", 5), ("l", None)]),
        "words_in_list": (pa.list_(pa.dictionary(pa.int8(), pa.string())), [["a", "b"][: i % 3] for i in INDEX], ["c"]),
    }


def arrow_table(changed=None, row=0):
    columns = {}
    for name, (kind, values, other) in arrow_columns().items():
        columns[name] = pa.array([other if name == changed and i == row else value for i, value in enumerate(values)], kind)
    words = ["new" if changed == "word" and i == row else "abc"[i % 3] for i in INDEX]
    columns["word"] = pa.array(words).dictionary_encode()
    columns["runs"] = pc.run_end_encode(pa.array([77 if changed == "runs" and i == row else i // 10 for i in INDEX]))
    types, offsets = pa.array([i % 2 for i in INDEX], pa.int8()), pa.array([i // 2 for i in INDEX], pa.int32())
    for name, places, kept in (("sparse_union", INDEX, INDEX), ("dense_union", [i // 2 for i in INDEX], range(ROWS // 2))):
        number, text = list(kept), ["u%d" % i for i in kept]
        if name == changed:
            (number if row % 2 == 0 else text)[places[row]] = -1 if row % 2 == 0 else "other"
        children = [pa.array(number), pa.array(text)]
        columns[name] = pa.UnionArray.from_sparse(types, children) if name == "sparse_union" else pa.UnionArray.from_dense(types, offsets, children)
    return pa.table(columns)


def write_arrow(path, table, rows, compression):
    make = ipc.new_file if path.endswith(".arrow") else ipc.new_stream
    with make(path, table.schema, options=ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table, max_chunksize=rows)


def arrow_pairs():
    write_arrow("left.arrow", arrow_table(), 1000, None)
    names = arrow_table().column_names
    for i, name in enumerate(names):
        row, path = (7 * i + 3) % ROWS, "%s.arrows" % name
        write_arrow(path, arrow_table(name, row), 7, ("lz4", "zstd", None)[i % 3])
        yield {"left": "left.arrow", "right": path, "path": "/" + name, "at": "values[%d]" % row}


def hdf5_changes():
    """Dataset, element as a place and an index, its other value."""
    return [
        ("little", "values[4, 1]", (4, 1), 99),
        ("big", "values[5]", 5, -1),
        ("half", "values[6]", 6, 99),
        ("double", "values[7]", 7, np.nan),
        ("flag", "values[8]", 8, True),
        ("text", "values[9]", 9, "other"),
        ("fixed_text", "values[10]", 10, b"o"),
        ("extended", "values[2]", 2, np.longdouble(99)),
        ("encoding", "values[1]", 1, b"\xe9"),
        ("inner", "inner.flag[11]", 11, (11, ([1, 2], True), b"x")),
        ("array", "values[12]", 12, [[0, 1, 2], [3, 4, 6]]),
        ("sequence", "values[13]", 13, np.array([1, 2, 3], "i4")),
        ("texts_in_sequence", "values[14]", 14, np.array(["a"], dtype=object)),
        ("when", "values[15]", 15, np.datetime64(99, "ns")),
        ("cube", "values[1, 2, 3]", (1, 2, 3), 0),
        ("object", "values[2]", 2, "big"),
        ("region", "values[3]", 3, ("little", (slice(1, 3), slice(0, 2)))),
    ]


def write_hdf5(path, change=None, **options):
    with h5py.File(path, "w", **options) as file:
        number = np.arange(20)
        file.create_dataset("little", data=np.arange(40).reshape(20, 2), chunks=(3, 1), compression="gzip", shuffle=True)
        file["big"] = number.astype(">i4")
        file["half"] = (number / 4).astype("f2")
        file.create_dataset("double", data=number / 7, chunks=(6,), fletcher32=True)
        file["flag"] = number % 3 == 0
        file.create_dataset("text", data=["t\u00e4xt %d" % i for i in number], dtype=h5py.string_dtype())
        file["fixed_text"] = np.array(["ab%d" % i for i in number], dtype="S5")
        file.create_dataset("encoding", data=[b"\xc3\xa9"] * 3, dtype=h5py.string_dtype("ascii"))
        extended = (number / np.longdouble(3)).view("u1").reshape(20, 16).copy()
        extended[:, 10:] = len(path)  # means nothing
        file["extended"] = extended.view(np.longdouble).reshape(20)
        inner = np.dtype([("a", ">i4"), ("inner", [("v", "i2", 2), ("flag", "?")]), ("s", "S3")])
        file["inner"] = np.array([(i, ([1, 2], False), b"x") for i in number], dtype=inner)
        array = file.create_dataset("array", (20,), dtype=np.dtype(("i2", (2, 3))))
        for i in number:
            array[i] = np.arange(6).reshape(2, 3)
        sequence = file.create_dataset("sequence", (20,), dtype=h5py.vlen_dtype(np.int32))
        texts = file.create_dataset("texts_in_sequence", (20,), dtype=h5py.vlen_dtype(h5py.string_dtype()))
        for i in number:
            sequence[i] = np.arange(i % 4)
            texts[i] = np.array(["w%d" % k for k in range(i % 3)], dtype=object)
        when = number.astype("M8[ns]")
        file["when"] = when.astype(h5py.opaque_dtype(when.dtype))
        file.create_dataset("cube", data=np.arange(60, dtype="u2").reshape(3, 4, 5) + 1, chunks=(2, 2, 2))
        references = file.create_dataset("object", (4,), dtype=h5py.ref_dtype)
        regions = file.create_dataset("region", (4,), dtype=h5py.regionref_dtype)
        for i in range(4):
            references[i] = file["little"].ref
            regions[i] = file["little"].regionref[i : i + 2, 0:1]
        file.attrs["list"] = np.arange(3.0)
        if change is None:
            return
        name, _, index, other = change
        if name == "@list":
            file.attrs["list"] = other
        elif name == "object":
            references[index] = file[other].ref
        elif name == "region":
            regions[index] = file[other[0]].regionref[other[1]]
        elif name == "inner":
            file[name][index] = np.array([other], dtype=inner)[0]
        elif name == "when":
            file[name][index] = np.array([other]).astype(file[name].dtype)[0]
        else:
            file[name][index] = other


def hdf5_pairs():
    write_hdf5("left.h5")
    changes = [*hdf5_changes(), ("@list", "@list[1]", None, np.array([0.0, 5.0, 2.0]))]
    for i, change in enumerate(changes):
        name, at = change[:2]
        path = "%s.h5" % name.strip("@")
        write_hdf5(path, change, libver=("earliest", "latest")[i % 2])
        yield {"left": "left.h5", "right": path, "path": "/" if name == "@list" else "/" + name, "at": at}


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    print(json.dumps([*arrow_pairs(), *hdf5_pairs()]))
