"""RNTuples of an output held against those of its inputs as uproot reads them:
uproot_ntuple.py OUTPUT PATH INPUT… prints a JSON list of differences; fields uproot cannot read in the input are left out."""
import json
import sys
import warnings


def values(path, where):
    """Values of every top-level field as lists; None for fields uproot cannot read."""
    import uproot
    with uproot.open(path) as file:
        ntuple = file[where]
        found = {}
        for field in ntuple.keys(recursive=False):
            try:
                # of variants uproot reads the first cluster right, in all others what they held in the first
                found[field] = None if "std::variant" in ntuple[field].typename else ntuple[field].array().to_list()
            except Exception:
                found[field] = None
        return ntuple.num_entries, found


def differences(out, where, inputs):
    total, wanted = 0, {}
    for path in inputs:
        entries, fields = values(path, where)
        total += entries
        for field, items in fields.items():
            wanted.setdefault(field, []).append(items)
    entries, found = values(out, where)
    if entries != total:
        yield f"entries: expected {total}, found {entries}"
    for field, parts in wanted.items():
        if any(part is None for part in parts):
            continue
        if found.get(field) != [value for part in parts for value in part]:
            yield f"field {field}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(list(differences(sys.argv[1], sys.argv[2], sys.argv[3:]))))
