"""What uproot reads of split branches of MetaData: metadata_numbers.py FILE BRANCH…; JSON, the first row by leaf branch."""
import json
import sys

import uproot


def leaves(branch):
    return [leaf for child in branch.branches for leaf in leaves(child)] if branch.branches else [branch]


def values(branch):
    row = branch.array(library="np")[0]
    return [float(value) for value in row] if hasattr(row, "__len__") else float(row)


tree = uproot.open(sys.argv[1])["MetaData"]
numbers = {}
for name in sys.argv[2:]:
    for leaf in leaves(tree[name]):
        if leaf.typename.removeprefix("std::") in ("uint32_t", "vector<uint32_t>", "vector<uint64_t>", "vector<unsigned long>", "vector<unsigned int>", "vector<double>", "set<unsigned int>", "std::set<uint32_t>", "set<uint32_t>"):
            numbers[leaf.name.removeprefix(name)] = values(leaf)
print(json.dumps({"entries": tree.num_entries, "numbers": numbers}))
