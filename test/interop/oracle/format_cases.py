"""Writes HDF5 and Arrow files with h5py and pyarrow, and judges merged ones.

format_cases.py write FOLDER              all cases; prints {case: [files in order of merging]}
format_cases.py judge OUT IN...           prints a list of what is wrong
format_cases.py columns FILE [GROUP]      prints {column: values} of an Arrow file, or of a group of an HDF5 file
"""

import datetime
import json
import os
import sys

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc


def arrow_table(rows, worker, words=("a", "b", "c")):
    index = list(range(worker * 100, worker * 100 + rows))
    return pa.table({
        "int": pa.array(index, pa.int32()),
        "float": pa.array([i / 2 for i in index]),
        "text": pa.array([None if i % 5 == 0 else "text %d" % i for i in index]),
        "list": pa.array([[1] * (i % 4) for i in index], pa.list_(pa.int16())),
        "struct": pa.array([{"a": i, "b": [str(i)]} for i in index]),
        "time": pa.array([datetime.datetime(2020, 1, 1)] * rows, pa.timestamp("us", tz="UTC")),
        "decimal": pa.array([i for i in index], pa.decimal128(10, 2)),
        "word": pa.DictionaryArray.from_arrays(pa.array([i % len(words) for i in range(rows)], pa.int8()), pa.array(list(words))),
        "view": pa.array(["x" * (i % 40) for i in index], pa.string_view()),
        "map": pa.array([[("k", i)] for i in index], pa.map_(pa.string(), pa.int64())),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([rows], pa.int32()), pa.array([worker])),
        "union": pa.UnionArray.from_dense(pa.array([0] * rows, pa.int8()), pa.array(list(range(rows)), pa.int32()), [pa.array(index), pa.array(["u"])]),
        "null": pa.nulls(rows),
    })


def write_arrow(path, tables, **options):
    make = ipc.new_file if path.endswith(".arrow") else ipc.new_stream
    with make(path, tables[0].schema, options=ipc.IpcWriteOptions(**options)) as writer:
        for table in tables:
            writer.write_table(table, max_chunksize=16)


def arrow_cases():
    cases = {}
    for compression in (None, "lz4", "zstd"):
        files = []
        for worker, ending in enumerate(("arrow", "arrows", "arrow")):
            files.append("%s_%d.%s" % (compression, worker, ending))
            write_arrow(files[-1], [arrow_table(20 + worker, worker), arrow_table(5, worker)], compression=compression)
        cases["arrow %s" % compression] = files
    write_arrow("words_0.arrow", [arrow_table(7, 0)])
    write_arrow("words_1.arrow", [arrow_table(7, 1, ("q", "r"))])
    write_arrow("words_2.arrows", [arrow_table(7, 2, ("s", "t")), arrow_table(7, 3)])
    cases["arrow words"] = ["words_0.arrow", "words_1.arrow", "words_2.arrows"]
    growing = [arrow_table(4, 0, ("a", "b")), arrow_table(4, 1, ("a", "b", "c")), arrow_table(4, 2, ("a", "b", "c", "d"))]
    for name in ("delta_0.arrow", "delta_1.arrow"):
        write_arrow(name, growing, emit_dictionary_deltas=True, unify_dictionaries=False)
    cases["arrow deltas"] = ["delta_0.arrow", "delta_1.arrow"]
    for worker, shape in enumerate(([2, 3], [2, 3], [3, 2])):
        flat = pa.array([list(range(6))] * 2, pa.list_(pa.int8(), 6))
        write_arrow("tensor_%d.arrow" % worker, [pa.table({"t": pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.int8(), shape), flat)})])
    cases["arrow tensor"] = ["tensor_0.arrow", "tensor_1.arrow", "tensor_2.arrow"]
    write_arrow("empty_0.arrow", [arrow_table(3, 0).slice(0, 0)])
    write_arrow("empty_1.arrow", [arrow_table(3, 0)])
    cases["arrow empty"] = ["empty_0.arrow", "empty_1.arrow"]
    return cases


def hdf5_cases():
    cases = {}
    for worker in range(3):
        rows = 10 + worker
        values = np.arange(rows * 6, dtype="i4").reshape(rows, 6) + worker
        with h5py.File("indices_%d.h5" % worker, "w", libver="latest") as file:
            for name, options in {"fixed": {}, "fixed_gzip": {"compression": "gzip"}, "extensible": {"maxshape": (rows, None)}, "tree": {"maxshape": (None, None)}, "unlimited": {"maxshape": (None, 6)}, "limited": {"maxshape": (20, 6)}}.items():
                file.create_dataset(name, data=values, chunks=(2, 2), **options)
            file["contiguous"] = values
            for name, options in {"single": {}, "single_gzip": {"compression": "gzip", "shuffle": True}}.items():
                file.create_dataset(name, data=values, chunks=values.shape, **options)
        with h5py.File("compact_%d.h5" % worker, "w", libver=("earliest", "latest")[worker % 2]) as file:
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_layout(h5py.h5d.COMPACT)
            named = h5py.h5t.NATIVE_INT32.copy()
            named.commit(file.id, b"named")
            for name, type_id in (("compact", h5py.h5t.NATIVE_INT32), ("of_named", named)):
                data = h5py.h5d.create(file.id, name.encode(), type_id, h5py.h5s.create_simple(values.shape), plist)
                data.write(h5py.h5s.ALL, h5py.h5s.ALL, values)
        with h5py.File("large_%d.h5" % worker, "w", userblock_size=512 if worker == 0 else 0) as file:
            many = np.arange(1_500_000 + worker, dtype="f8") * (worker + 1)
            file["contiguous"] = many
            file.create_dataset("packed", data=many, chunks=(10_000,), compression="gzip", compression_opts=1, shuffle=True, scaleoffset=None)
            file.create_dataset("images", data=np.random.default_rng(worker).integers(0, 1000, (5 + worker, 900, 300), dtype="u2"), chunks=(1, 300, 300), compression="gzip", compression_opts=1)
        with h5py.File("named_%d.h5" % worker, "w") as file:
            file["type"] = np.dtype([("a", "i4"), ("b", "f2")])
            file.create_dataset("rows", data=np.array([(i, i) for i in range(rows)], dtype=[("a", "i4"), ("b", "f2")]), dtype=file["type"])
            file.create_dataset("timed", data=np.arange(rows), track_times=True)
            opaque = file.create_dataset("opaque", (rows,), dtype=h5py.opaque_dtype(np.dtype("M8[ns]")))
            opaque[...] = np.arange(rows).astype("M8[ns]").astype(opaque.dtype)
            nested = np.dtype([("name", h5py.string_dtype()), ("inner", [("v", h5py.vlen_dtype(np.int16)), ("flag", "?")])])
            data = file.create_dataset("nested", (rows,), dtype=nested, maxshape=(None,))
            for i in range(rows):
                data[i] = ("name %d" % i, (np.arange(i % 3, dtype="i2"), i % 2 == 0))
        with h5py.File("zero_%d.h5" % worker, "w") as file:
            file["rows"] = np.zeros((0 if worker == 0 else worker, 3))
            file.create_dataset("more", data=np.arange(worker), maxshape=(None,))
            file["nothing"] = h5py.Empty("f4")
    for name in ("indices", "compact", "large", "named", "zero"):
        cases["hdf5 %s" % name] = ["%s_%d.h5" % (name, worker) for worker in range(3)]
    fixtures = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures", "hdf5")
    for kind in ("old", "latest"):
        cases["hdf5 %s" % kind] = [os.path.join(fixtures, "%s_%d.h5" % (kind, worker)) for worker in range(2)]
    return cases


def float_type(exponent_bits, bias):
    """A float of two bytes: 5 and 15 make a half, 8 and 127 a bfloat16."""
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_fields(15, 15 - exponent_bits, exponent_bits, 0, 15 - exponent_bits)
    kind.set_size(2)
    kind.set_ebias(bias)
    return kind


def narrow_type(bits):
    kind = h5py.h5t.STD_I16LE.copy()
    kind.set_precision(bits)
    return kind


def opaque_type(tag):
    kind = h5py.h5t.create(h5py.h5t.OPAQUE, 8)
    kind.set_tag(tag)
    return kind


def type_pairs():
    """Types of equal size that are not the same; h5wasm describes both alike."""
    enum = lambda base: h5py.h5t.py_create(h5py.enum_dtype({"A": 0, "B": 1}, basetype=base), logical=True)
    array = lambda shape: h5py.h5t.array_create(h5py.h5t.NATIVE_FLOAT, shape)
    return {
        "half and bfloat16": (float_type(5, 15), float_type(8, 127)),
        "bits in use": (h5py.h5t.STD_I16LE, narrow_type(12)),
        "tags": (opaque_type(b"ns"), opaque_type(b"us")),
        "signs of enums": (enum("i1"), enum("u1")),
        "dimensions": (array((2, 3)), array((3, 2))),
    }


def different_types():
    """Pairs of files that must not be joined, and one whose second file has texts that are no UTF-8."""
    cases = {}
    for name, kinds in type_pairs().items():
        cases["differ %s" % name] = files = []
        for worker, kind in enumerate(kinds):
            files.append("%s_%d.h5" % (name.replace(" ", "_"), worker))
            with h5py.File(files[-1], "w", libver=("earliest", "latest")[worker]) as file:
                h5py.h5d.create(file.id, b"x", kind, h5py.h5s.create_simple((3,)))
    for worker in range(2):
        with h5py.File("latin_%d.h5" % worker, "w") as file:
            old = h5py.string_dtype("ascii")
            file.create_dataset("rows", data=[b"caf\xe9", b"\xff"], dtype=old)
            if worker == 1:
                group = file.create_group("second")
                group.create_dataset("scalar", data=b"caf\xe9", dtype=old)
                group.create_dataset("rows", data=[b"\xe9", b""], dtype=old, chunks=(2,))
                group.attrs.create("text", b"\xe9t\xe9", dtype=old)
    for worker in range(3):
        with h5py.File("scales_%d.h5" % worker, "w") as file:
            time, lat, area, temperature = [file.create_dataset(name, data=data) for name, data in {
                "time": np.arange(3.0) + 3 * worker, "lat": np.arange(4.0) + (worker == 2), "area": np.arange(4), "temperature": np.arange(12.0).reshape(3, 4) + 100 * worker}.items()]
            for scale, uses in ((time, ((temperature, 0),)), (lat, ((temperature, 1), (area, 0)))):
                scale.make_scale(scale.name)
                for dataset, axis in uses:
                    dataset.dims[axis].attach_scale(scale)
            file.create_group("table/_i_table/x").attrs["CLASS"] = np.bytes_("INDEX" if worker == 2 else "GROUP")
            file.create_group("frame").attrs["pandas_type"] = "frame" if worker == 2 else "frame_table"
            file.create_group("sparse").attrs["encoding-type"] = "csr_matrix" if worker == 2 else "dict"
    cases["hdf5 scales"] = ["scales_%d.h5" % worker for worker in range(3)]
    cases["hdf5 latin"] = ["latin_0.h5", "latin_1.h5"]
    return cases


def read_arrow(path):
    with open(path, "rb") as file:
        table = (ipc.open_file if file.read(6) == b"ARROW1" else ipc.open_stream)(path).read_all()
    table.validate(full=True)
    return table


def judge_arrow(out, inputs):
    merged = read_arrow(out)
    tables = [read_arrow(path) for path in inputs]
    wrong = [] if merged.schema.equals(tables[0].schema, check_metadata=True) else ["schema"]
    rows = [row for table in tables for row in table.to_pylist()]
    return wrong if merged.to_pylist() == rows else wrong + ["rows"]


def same(a, b):
    if isinstance(a, np.void):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return np.array_equal(a, b)


def judge_hdf5(out, inputs):
    wrong = []
    merged = h5py.File(out)
    files = [h5py.File(path) for path in inputs]

    def judge(name, found):
        parts = [file[name] for file in files if name in file]
        first = parts[0]
        for key, value in first.attrs.items():
            if key not in ("DIMENSION_LIST", "REFERENCE_LIST") and not np.array_equal(found.attrs[key], value):
                wrong.append("%s@%s" % (name, key))
        if not isinstance(found, h5py.Dataset):
            return
        if found.dtype != first.dtype or (found.compression, found.shuffle, found.fletcher32, found.chunks) != (first.compression, first.shuffle, first.fletcher32, first.chunks):
            wrong.append("%s: type or storage" % name)
        if found.shape is None or found.shape == ():
            if found.shape is not None and found[()] != first[()]:
                wrong.append(name)
            return
        offset = 0
        for part in parts:
            rows = found[offset:offset + len(part)]
            offset += len(part)
            simple = part.dtype.kind in "iufSb" and part.dtype.names is None
            if not (np.array_equal(rows, part[...]) if simple else all(same(a, b) for a, b in zip(rows, part[...]))):
                wrong.append(name)
        if offset != len(found):
            wrong.append("%s: %d rows instead of %d" % (name, len(found), offset))

    judge("/", merged["/"])
    merged.visititems(judge)
    if "bool" in merged and list(merged["bool"].dims[0].values()) != [merged["contiguous"]]:
        wrong.append("dimension scale")
    return wrong


def columns(path, group=None):
    if group is None:
        return read_arrow(path).to_pydict()
    datasets = h5py.File(path)[group]
    return {name: [value.decode() for value in data] if data.dtype.kind == "O" else data[...].tolist() for name, data in datasets.items()}


if __name__ == "__main__":
    if sys.argv[1] == "write":
        os.chdir(sys.argv[2])
        cases = {**arrow_cases(), **hdf5_cases(), **different_types()}
        print(json.dumps({case: [os.path.abspath(path) for path in files] for case, files in cases.items()}))
    elif sys.argv[1] == "columns":
        print(json.dumps(columns(*sys.argv[2:])))
    else:
        out, inputs = sys.argv[2], sys.argv[3:]
        print(json.dumps((judge_hdf5 if inputs[0].endswith(".h5") else judge_arrow)(out, inputs)))
