"""Can ROOT change the file? A copy is updated; the file itself is not touched."""
import json
import shutil
import tempfile
from pathlib import Path

ADDED = {"oracle_added", "oracle_dir", "oracle_dir/oracle_added"}


def keys_of(path):
    import ROOT
    answer = json.loads(str(ROOT.oracle.openCheck(path)))
    return {(key["path"], key["class"], key["cycle"], key["read"]) for key in answer.get("keys", [])}, answer


def update_check(path):
    """`written`: ROOT wrote all it should; `lost` / `added`: keys that differ after the update beyond the ones it wrote."""
    import ROOT
    with tempfile.TemporaryDirectory() as folder:
        copy = str(Path(folder) / "copy.root")
        shutil.copyfile(path, copy)
        before, first = keys_of(copy)
        written = bool(ROOT.oracle.update(copy))
        after, second = keys_of(copy)
    return {
        "written": written,
        "reopened": second["opened"],
        "infosLost": sorted(set(first.get("infos", [])) - set(second.get("infos", []))),
        "lost": sorted(f"{path};{cycle} {cls}" for path, cls, cycle, _ in before - after),
        "added": sorted(path for path, *_ in after - before if path not in ADDED),
    }
