"""What a PyROOT job filled before its workers were forked counts once in the merged file: the first worker keeps it.

Histograms and trees that belong to a file open for writing are known to ROOT. Of trees the other workers drop the entries at
once. Histograms keep them until the job's finalize, since the job may look at them, and lose them then. Everything else
(objects of no file, RNTuples, files of other libraries) is the job's own care: io_reinit(worker).
"""
import contextlib
import sys
from array import array

STATISTICS = 13  # numbers of TH1::GetStats at most


def root():
    """ROOT, if the job has loaded it."""
    return sys.modules.get('ROOT')


def held_by(directory):
    """The objects in memory of a directory and those below it."""
    ROOT = root()
    for thing in list(directory.GetList() or ()):
        if isinstance(thing, ROOT.TDirectory):
            yield from held_by(thing)
        else:
            yield thing


def written_objects():
    """Objects of files open for writing: they will be in the output."""
    if root() is None:
        return
    for file in list(root().gROOT.GetListOfFiles()):
        if file.IsWritable():
            yield from held_by(file)


def written_trees():
    return [thing for thing in written_objects() if isinstance(thing, root().TTree)]


def histograms_of(module):
    """Histograms that belong to a file, to none, or stand in a variable of the job, also in lists, dictionaries and objects there."""
    ROOT = root()
    if ROOT is None:
        return []
    found = [*written_objects(), *list(ROOT.gROOT.GetList())]
    for value in list(vars(module).values()):
        found.append(value)
        if isinstance(value, dict):
            found += value.values()
        elif isinstance(value, (list, tuple, set)):
            found += value
        elif type(value).__module__ == module.__name__:
            found += vars(value).values() if hasattr(value, '__dict__') else ()
    return [thing for thing in found if isinstance(thing, ROOT.TH1)]


@contextlib.contextmanager
def no_directory():
    """Histograms made meanwhile belong to no file."""
    TH1 = root().TH1
    before = TH1.AddDirectoryStatus()
    TH1.AddDirectory(False)
    try:
        yield
    finally:
        TH1.AddDirectory(before)


def copy_of(histogram):
    with no_directory():
        return histogram.Clone()


@contextlib.contextmanager
def unfilled(module):
    """Takes back what is filled meanwhile into the job's histograms, and into the trees of files that are open for writing."""
    kept = [(histogram, copy_of(histogram)) for histogram in histograms_of(module)]
    trees = [(tree, tree.GetEntries()) for tree in written_trees()]
    yield
    for tree, entries in trees:
        if tree and tree.GetEntries() != entries:
            if entries > 0:
                sys.exit('--fork-after 1: the first event would be twice in %s, which initialize has filled: open its file in io_reinit(worker)' % tree.GetName())
            tree.Reset()
    for histogram, before in kept:
        if histogram and histogram.GetEntries() != before.GetEntries():
            directory = histogram.GetDirectory()
            with no_directory():
                before.Copy(histogram)
            histogram.SetDirectory(directory)


def axes_of(histogram):
    return [(axis.GetNbins(), axis.GetXmin(), axis.GetXmax()) for axis in (histogram.GetXaxis(), histogram.GetYaxis(), histogram.GetZaxis())]


def subtract(values, old, count):
    for i in range(count):
        if old.GetAt(i) != 0:
            values.SetAt(values.GetAt(i) - old.GetAt(i), i)


def take_off(histogram, before):
    """Subtracts what a histogram held before, from all of its sums."""
    if axes_of(histogram) != axes_of(before):
        sys.exit('%s: its axes have grown since the fork, so what was filled before cannot be taken off: book axes that hold all values' % histogram.GetName())
    is_profile = hasattr(histogram, 'GetBinEntries')
    if (histogram.GetSumw2N() and not before.GetSumw2N()) or (is_profile and histogram.GetBinSumw2().GetSize() and not before.GetBinSumw2().GetSize()):
        before.Sumw2()
    stats, old = array('d', [0] * STATISTICS), array('d', [0] * STATISTICS)
    histogram.GetStats(stats)
    before.GetStats(old)
    entries = histogram.GetEntries() - before.GetEntries()
    subtract(histogram, before, histogram.GetNcells())
    subtract(histogram.GetSumw2(), before.GetSumw2(), histogram.GetSumw2N())
    if is_profile:
        squares = [histogram.GetBinSumw2().GetAt(i) for i in range(histogram.GetBinSumw2().GetSize())]
        for i in range(histogram.GetNcells()):
            histogram.SetBinEntries(i, histogram.GetBinEntries(i) - before.GetBinEntries(i))
        for i, square in enumerate(squares):  # SetBinEntries has changed them
            histogram.GetBinSumw2().SetAt(square - before.GetBinSumw2().GetAt(i), i)
    histogram.PutStats(array('d', [new - each for new, each in zip(stats, old)]))
    histogram.SetEntries(entries)


class Prefork:
    """What was filled before the fork."""

    def __init__(self):
        objects = list(written_objects())
        filled = [thing for thing in objects if isinstance(thing, root().TH1) and thing.GetEntries() != 0]
        self.before = {root().addressof(histogram): copy_of(histogram) for histogram in filled}
        self.trees = [tree for tree in written_trees() if tree.GetEntries() > 0]
        if filled:
            # ROOT takes out of it what is deleted meanwhile, with the file or by the job.
            self.alive = root().TList()
            root().gROOT.GetListOfCleanups().Add(self.alive)
            for histogram in filled:
                histogram.SetBit(root().kMustCleanup)
                self.alive.Add(histogram)

    def drop_entries(self):
        """In a worker that does not keep them: the trees begin anew."""
        for tree in self.trees:
            tree.Reset()

    def take_off(self):
        """In such a worker, before the job's finalize."""
        for histogram in list(self.alive) if self.before else ():
            take_off(histogram, self.before[root().addressof(histogram)])
