"""ROOT's part in the tests of files the project writes: the same histograms filled by ROOT, and trees as ROOT and uproot read them."""
import math

FILLS = 400


class Numbers:
    """The same numbers as in written-files.test.ts."""

    def __init__(self):
        self.state = 1

    def next(self):
        self.state = self.state * 16807 % 2147483647
        value = self.state / 2147483647 * 1.4 - 0.2
        return math.floor(value * 60) / 60 if self.state % 5 == 0 else value


def booked(ROOT):
    """Histograms by dimension and kind of axis, with how many numbers a fill takes beside the weight."""
    from array import array
    edges = array("d", [0.0, 0.1, 0.35, 0.4, 1.0])
    for letter in "CSILFD":
        yield getattr(ROOT, f"TH1{letter}")(f"h1{letter}", "one;x axis", 5, 0.0, 1.0), 1
        yield getattr(ROOT, f"TH2{letter}")(f"h2{letter}", "two", 5, 0.0, 1.0, 4, edges), 2
        yield getattr(ROOT, f"TH3{letter}")(f"h3{letter}", "three", 3, 0.0, 1.0, 2, 0.0, 1.0, 4, 0.0, 0.9), 3
    yield ROOT.TH1D("variable", "variable", 4, edges), 1
    yield ROOT.TProfile("profile", "profile", 5, 0.0, 1.0), 2
    yield ROOT.TProfile("profile_range", "profile", 5, 0.0, 1.0, 0.1, 0.8), 2
    yield ROOT.TProfile2D("profile2", "profile", 5, 0.0, 1.0, 3, 0.0, 1.0), 3
    yield ROOT.TProfile2D("profile2_range", "profile", 5, 0.0, 1.0, 3, 0.0, 1.0, 0.1, 0.8), 3
    yield ROOT.TProfile3D("profile3", "profile", 5, 0.0, 1.0, 3, 0.0, 1.0, 2, 0.0, 1.0), 4
    yield from growing(ROOT)


def growing(ROOT):
    """Histograms whose axes are doubled by the fills; the numbers of the others lie in [-0.2, 1.2]."""
    def grow(histogram, axes):
        histogram.SetCanExtend(axes)
        return histogram
    x, y, all_axes = ROOT.TH1.kXaxis, ROOT.TH1.kYaxis, ROOT.TH1.kAllAxes
    for letter in "CSILFD":
        yield grow(getattr(ROOT, f"TH1{letter}")(f"grow1{letter}", "grow", 7, 0.31, 0.33), x), 1
    yield grow(ROOT.TH2D("grow2", "grow", 5, 0.3, 0.35, 4, 0.5, 0.51), all_axes), 2
    yield grow(ROOT.TH2F("grow2y", "grow", 5, -1.0, 2.0, 4, 0.5, 0.51), y), 2
    yield grow(ROOT.TH3I("grow3", "grow", 2, 0.3, 0.35, 3, 0.5, 0.51, 1, 0.1, 0.2), all_axes), 3
    yield grow(ROOT.TProfile("growp", "grow", 6, 0.3, 0.35), x), 2
    yield grow(ROOT.TProfile2D("growp2", "grow", 3, 0.3, 0.35, 4, 0.5, 0.51), all_axes), 3
    yield grow(ROOT.TProfile3D("growp3", "grow", 3, 0.3, 0.35, 2, 0.5, 0.51, 2, 0.1, 0.12), all_axes), 4


def weight_for(histogram, w):
    """Growing integer cells must not be 0: ROOT drops the squared weights of such a cell when the axis is doubled."""
    import math
    import re
    return math.ceil(abs(w)) if re.match("grow(1[CSIL]|3)", histogram.GetName()) else w


def root_histograms(path):
    """Fills each histogram once without weights and once with; `labels` by names."""
    import ROOT
    # as in a program of a user: a histogram belongs to the current directory, which shows in its bits
    ROOT.TH1.AddDirectory(True)
    file = ROOT.TFile(path, "RECREATE", "", 0)
    numbers = Numbers()
    for weighted in (False, True):
        folder = file.mkdir("weighted" if weighted else "plain")
        folder.cd()
        for histogram, count in booked(ROOT):
            for _ in range(FILLS):
                values = [numbers.next() for _ in range(count)]
                histogram.Fill(*values, weight_for(histogram, 3 * numbers.next())) if weighted else histogram.Fill(*values)
            folder.WriteTObject(histogram)
    labels = ROOT.TH1D("labels", "labels", 3, 0, 3)
    for i, text in enumerate(["red", "green", "blue"]):
        labels.GetXaxis().SetBinLabel(i + 1, text)
    for text, weight in (("green", 1.0), ("blue", 2.5), ("green", 1.0)):
        labels.Fill(text, weight)
    labels.Fill(0.5)
    file.WriteTObject(labels)
    for histogram in labelled(ROOT):
        file.WriteTObject(histogram)
    file.Close()
    return True


def labelled(ROOT):
    """Histograms that get their labels by being filled with them, more than they have bins; `words` gives the weights, too."""
    words = [(text, 1.0 + (i % 3 if i > 4 else 0)) for i, text in enumerate("the axis of a histogram has the labels that a fill of it has had".split())]
    one = ROOT.TH1F("words1", "words", 3, 0, 3)
    two = ROOT.TH2D("words2", "words", 2, 0, 2, 4, 0, 1)
    both = ROOT.TH2I("words2both", "words", 1, 0, 1, 1, 0, 1)
    profile = ROOT.TProfile("wordsp", "words", 2, 0, 2)
    for i, (text, weight) in enumerate(words):
        one.Fill(text, weight)
        two.Fill(text, i / 16, weight)
        both.Fill(text, words[-1 - i][0], weight)
        profile.Fill(text, i / 16, weight)
    return [one, two, both, profile]


def plain(value):
    """A value of ROOT or numpy as JSON has it; integers as text, so that 64 bits survive."""
    import numbers
    if isinstance(value, (str, bytes)) or type(value).__name__ == "string":
        return value.decode() if isinstance(value, bytes) else str(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, bool):
        return value
    if isinstance(value, numbers.Integral):
        return str(value)
    if isinstance(value, numbers.Real):
        return float(value)
    return [plain(item) for item in value]


LEAVES = """
namespace written {
/// A value of a leaf of integers; a double would lose the low bits of 64.
std::string integer(TLeaf *leaf, int i)
{
   return leaf->IsUnsigned() ? std::to_string(leaf->GetTypedValue<ULong64_t>(i)) : std::to_string(leaf->GetTypedValue<Long64_t>(i));
}
std::string text(TLeaf *leaf) { return static_cast<char *>(leaf->GetValuePointer()); }
}
"""


def leaf_value(ROOT, leaf):
    kind = leaf.ClassName()
    if kind == "TLeafC":
        return str(ROOT.written.text(leaf))
    read = {"TLeafO": lambda i: bool(leaf.GetValue(i)), "TLeafF": leaf.GetValue, "TLeafD": leaf.GetValue}
    of = read.get(kind, lambda i: str(ROOT.written.integer(leaf, i)))
    return [of(i) for i in range(leaf.GetLen())] if "[" in leaf.GetTitle() else of(0)


def root_values(path, tree_path):
    """Every column of a tree as ROOT reads it, entry by entry; integers as text."""
    import ROOT
    ROOT.gInterpreter.Declare(LEAVES)
    file = ROOT.TFile.Open(path)
    tree = file.Get(tree_path)
    names = [branch.GetName() for branch in tree.GetListOfBranches()]
    values = {name: [] for name in names}
    for entry in range(tree.GetEntries()):
        tree.GetEntry(entry)
        for name in names:
            leaf = tree.GetLeaf(name)
            values[name].append(plain(getattr(tree, name)) if leaf.ClassName() == "TLeafElement" else leaf_value(ROOT, leaf))
    return values


FLAT = """
std::vector<std::decay_t<decltype(NAME[0][0])>> flat;
for (const auto &inner : NAME) flat.insert(flat.end(), inner.begin(), inner.end());
return flat;
"""


def root_tuple_values(path, tuple_path):
    """Every field of an RNTuple as RDataFrame reads it; integers as text."""
    import ROOT
    frame = ROOT.RDataFrame(tuple_path, path)
    columns = {}
    for name in [str(column) for column in frame.GetColumnNames()]:
        columns[name] = name
        # RDataFrame hands out no arrays in arrays
        if str(frame.GetColumnType(name)).count("RVec") > 1:
            columns[name] = f"flat_{name}"
            frame = frame.Define(f"flat_{name}", FLAT.replace("NAME", name))
    values = frame.AsNumpy(list(columns.values()))
    return {name: [plain(item) for item in values[column]] for name, column in columns.items()}


def uproot_values(path, tree_path):
    """The same as uproot reads it."""
    import uproot
    with uproot.open(path) as file:
        tree = file[tree_path]
        return {name: plain(tree[name].array().tolist()) for name in tree.keys() if "." not in name}


def last_entries(path):
    """Of /tree and /tuple: column `e` of the last entry, and the sum of the array `v`, by ROOT and by uproot; label of the first bin of /late."""
    import ROOT
    import uproot
    found = {}
    file = ROOT.TFile.Open(path)
    found["label"] = str(file.Get("late").GetXaxis().GetBinLabel(1))
    with uproot.open(path) as reader:
        for name in ("tree", "tuple"):
            count = ROOT.RDataFrame(name, path).Count().GetValue()
            last = ROOT.RDataFrame(name, path).Range(count - 1, count).Define("total", "ROOT::VecOps::Sum(v)")
            found[name] = [int(last.Sum("e").GetValue()), float(last.Sum("total").GetValue())]
            part = {column: reader[name][column].array(entry_start=count - 1) for column in ("e", "v")}
            found[f"{name} by uproot"] = [int(part["e"][-1]), float(sum(part["v"][-1].tolist()))]
    return found
