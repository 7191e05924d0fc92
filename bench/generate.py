"""Writes the inputs of the bench with real ROOT: generate.py FOLDER [WORKLOAD…]

One folder per workload; a workload whose folder is complete is left alone.
"""
import os
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent

# files, and the call that writes number i of them
WORKLOADS = {
    "bigtree": (8, lambda b, path, i: b.treeFile(path, 100 + i, 101, 20, 1_490_000, 12)),
    "wide": (12, lambda b, path, i: b.treeFile(path, 200 + i, 505, 1500, 10_000, 12)),
    "samehist": (10, lambda b, path, i: b.histogramFile(path, 300 + i, 20_000, "h")),
    "disjoint": (10, lambda b, path, i: b.histogramFile(path, 400 + i, 20_000, f"f{i}_h")),
    "manydirs": (3, lambda b, path, i: b.directoriesFile(path, 500 + i, 640, 150)),
    "big2d": (6, lambda b, path, i: b.big2dFile(path, 600 + i, 40)),
    "smallfiles": (1000, lambda b, path, i: b.smallFile(path, 700 + i)),
    "rntuple": (8, lambda b, path, i: b.ntupleFile(path, 1800 + i, 1_480_000)),
    "tiny": (2, lambda b, path, i: b.smallFile(path, 1900 + i)),
    "pool": (8, lambda b, path, i: b.poolFile(os.path.dirname(path), os.path.basename(path), i, 300, 2000)),
}


def write(bench, folder, name):
    count, write_one = WORKLOADS[name]
    target, partial = folder / name, folder / f"{name}.partial"
    if target.is_dir():
        return
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for i in range(count):
        write_one(bench, str(partial / f"in_{i:04d}.root"), i)
    partial.rename(target)
    size = sum(path.stat().st_size for path in target.iterdir())
    print(f"{name}: {count} files, {size / count / 1e6:.3f} MB each", flush=True)


def main():
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(WORKLOADS)
    import ROOT
    ROOT.gInterpreter.Declare(f'#include "{HERE / "generate.h"}"')
    with tempfile.TemporaryDirectory() as build:
        if "pool" in names and not (folder / "pool").is_dir():
            load_pool(build)
        for name in names:
            write(ROOT.bench, folder, name)
    sys.stdout.flush()
    os._exit(0)  # without ROOT's teardown


def load_pool(build):
    """The writers of the POOL fixtures, which need a dictionary, compiled into a folder."""
    sys.path.insert(0, str(HERE.parent / "test" / "fixtures" / "pool"))
    from generate import load
    load(build).gInterpreter.Declare(f'#include "{HERE / "pool.h"}"')


if __name__ == "__main__":
    main()
