"""Trees that do and do not fit together, one folder per case, written by ROOT: the cases in which hadd loses data."""
from array import array
from pathlib import Path

CODES = {"B": "b", "b": "B", "S": "h", "s": "H", "I": "i", "i": "I", "F": "f", "D": "d", "L": "q", "l": "Q", "O": "B"}
ENTRIES = 3


def scalar(tree, name, code, keep):
    value = array(CODES[code], [0])
    tree.Branch(name, value, f"{name}/{code}")
    keep.append(value)
    return lambda entry: value.__setitem__(0, entry % 2 if code == "O" else entry)


def fixed(tree, name, length, keep):
    value = array("f", [0] * length)
    tree.Branch(name, value, f"{name}[{length}]/F")
    keep.append(value)
    return lambda entry: [value.__setitem__(i, entry + i / 10) for i in range(length)]


def counted(tree, name, largest, keep):
    count, value = array("i", [0]), array("f", [0] * largest)
    tree.Branch("n", count, "n/I")
    tree.Branch(name, value, f"{name}[n]/F")
    keep += [count, value]

    def fill(entry):
        count[0] = min(largest, entry * largest)
        for i in range(count[0]):
            value[i] = entry + i
    return fill


def text(tree, name, length, keep):
    value = bytearray(length + 1)
    tree.Branch(name, value, f"{name}/C")
    keep.append(value)

    def fill(entry):
        size = min(length, 1 + entry * length // 2)
        value[:size + 1] = bytes([97 + entry] * size) + b"\0"
    return fill


def vector(tree, name, element, keep):
    import ROOT
    value = ROOT.std.vector(element)()
    tree.Branch(name, value)
    keep.append(value)

    def fill(entry):
        value.clear()
        for i in range(entry):
            value.push_back(entry + i)
    return fill


def string(tree, name, keep):
    import ROOT
    value = ROOT.std.string()
    tree.Branch(name, value)
    keep.append(value)
    return lambda entry: value.replace(0, len(value), "s" * entry)


def bits(tree, name, keep):
    """An object split once: ROOT streams its TObject part with a map of the objects in the entry."""
    import ROOT
    value = ROOT.TBits()
    tree.Branch(name, value, 200, 1)
    keep.append(value)
    return lambda entry: value.SetBitNumber(entry)


MAKERS = {"bits": bits, "fixed": fixed, "counted": counted, "text": text, "vector": vector}


def add_branch(tree, spec, keep):
    kind, name, *rest = spec
    if kind == "string":
        return string(tree, name, keep)
    if kind in MAKERS:
        return MAKERS[kind](tree, name, *rest, keep)
    return scalar(tree, name, kind, keep)


def write(path, specs, entries=ENTRIES, name="t", title="tree", prepare=lambda tree: None, finish=lambda tree: None, folder=""):
    """A file with one tree; specs are (kind, name, …) of its branches."""
    import ROOT
    file = ROOT.TFile(str(path), "UPDATE")
    (file.mkdir(folder, "", True) if folder else file).cd()
    tree, keep = ROOT.TTree(name, title), []
    prepare(tree)
    fillers = [add_branch(tree, spec, keep) for spec in specs]
    for entry in range(entries):
        for fill in fillers:
            fill(entry)
        tree.Fill()
    finish(tree)
    tree.Write()
    file.Close()


def unequal(path):
    import ROOT
    file, keep = ROOT.TFile(str(path), "RECREATE"), []
    tree = ROOT.TTree("t", "tree")
    fill_a, fill_b = scalar(tree, "a", "I", keep), scalar(tree, "b", "I", keep)
    for entry in range(5):
        fill_a(entry)
        tree.GetBranch("a").Fill()
        if entry < 2:
            fill_b(entry)
            tree.GetBranch("b").Fill()
    tree.SetEntries(5)
    tree.Write()
    file.Close()


def io_features(on):
    import ROOT

    def prepare(tree):
        if on:
            features = ROOT.ROOT.TIOFeatures()
            features.Set("kGenerateOffsetMap")
            tree.SetIOFeatures(features)
    return prepare


def index(on):
    return lambda tree: tree.BuildIndex("a", "b") if on else None


PAIRS = [("F", "D"), ("D", "F"), ("I", "L"), ("L", "I"), ("I", "S"), ("S", "I"), ("I", "O"), ("I", "F"), ("I", "i")]
A, B = ("I", "a"), ("F", "b")


def one_file_cases():
    """case -> branches of each of its files."""
    cases = {f"type-{first}-{second}": [[(first, "x")], [(second, "x")]] for first, second in PAIRS}
    return cases | {
        "extra-later": [[A], [A, B]],
        "missing-later": [[A, B], [A], [A, B]],
        "array-3-5": [[("fixed", "v", 3)], [("fixed", "v", 5)]],
        "array-5-3": [[("fixed", "v", 5)], [("fixed", "v", 3)]],
        "vector-float-double": [[("vector", "v", "float")], [("vector", "v", "double")]],
        "vector-double-float": [[("vector", "v", "double")], [("vector", "v", "float")]],
        "vector-and-string": [[("vector", "v", "float"), ("string", "s")]] * 2,
        "order-differs": [[A, B, ("text", "s", 4)], [("text", "s", 4), B, A]],
        "counter-grows": [[("counted", "v", 3)], [("counted", "v", 8)]],
        "text-grows": [[("text", "s", 2)], [("text", "s", 150)]],
        "without-branches-first": [[], [A], [A]],
        "without-branches-later": [[A], [], [A]],
        "without-branches": [[], []],
    }


def tree_cases(folder):
    """Writes all cases; returns case -> names of its files, in the order of merging."""
    cases = {}

    def add(case, writers):
        (Path(folder) / case).mkdir()
        cases[case] = [f"{case}/{i}.root" for i in range(len(writers))]
        for path, writer in zip(cases[case], writers, strict=True):
            writer(Path(folder) / path)

    for case, files in one_file_cases().items():
        add(case, [lambda path, specs=specs: write(path, specs, ENTRIES if specs else 0) for specs in files])
    empty = lambda specs: lambda path: write(path, specs, entries=0)
    full = lambda path: write(path, [A, B])
    add("empty-first", [empty([A, B]), full, full])
    add("empty-middle", [full, empty([A, B]), full])
    objects = [("bits", "o")]
    add("objects-empty-first", [empty(objects), lambda path: write(path, objects, entries=50, prepare=lambda tree: tree.SetAutoFlush(10))])
    add("empty-only", [empty([A, B]), empty([A, B])])
    add("empty-with-fewer-branches", [empty([A]), full])
    add("unequal-entries", [unequal, unequal, unequal])
    add("folders", [lambda path: [write(path, [A], folder=where) for where in ("x", "x/y/x")]] * 2)
    add("features-equal", [lambda path: write(path, [("vector", "v", "float"), ("counted", "w", 5)], entries=40, prepare=io_features(True))] * 2)
    add("features-differ", [lambda path, on=on: write(path, [("counted", "w", 5)], prepare=io_features(on)) for on in (True, False)])
    for case, indexed in {"index-all": [1, 1, 1], "index-first": [1, 0], "index-second": [0, 1]}.items():
        add(case, [lambda path, on=on: write(path, [A, ("I", "b")], finish=index(on)) for on in indexed])
    add("entries-without-branches", [lambda path: write(path, [])] * 2)
    add("title-differs", [lambda path, title=title: write(path, [A], title=title) for title in ("one", "two")])
    return cases
