"""
Why a worker opens its inputs anew: processes that share a descriptor share its position. Prints JSON.

shared_descriptor.py plain FOLDER         two processes take turns on purpose: each moves the position before the other reads
shared_descriptor.py root FOLDER ROUNDS   four processes read entries of a tree at random with PyROOT; rounds are repeated until
                                          one reads something wrong or dies, then as many with descriptors of their own
"""
import json
import os
import random
import signal
import struct
import sys

RECORDS = 1000
WORKERS = 4
ENTRIES = 400_000
READS = 400
CLUSTER = 2000
LIMIT_SECONDS = 60


def own_descriptor(fd):
    """Opens a file again under the old number, as pool_bootstrap.py does in a worker."""
    fresh = os.open('/proc/self/fd/%d' % fd, os.O_RDONLY)
    os.dup2(fresh, fd)
    os.close(fresh)


def in_child(work):
    """Forks; the child ends with what `work` returns, 1 after an exception."""
    pid = os.fork()
    if pid > 0:
        return pid
    code = 1
    try:
        signal.alarm(LIMIT_SECONDS)
        code = work()
    finally:
        os._exit(code)


def plain_turns(path, reopen):
    """Number of records, of RECORDS, that the first process reads wrong."""
    fd = os.open(path, os.O_RDONLY)
    (my_turn, give_me), (your_turn, give_you) = os.pipe(), os.pipe()

    def disturb():
        if reopen:
            own_descriptor(fd)
        for record in range(RECORDS):
            os.read(your_turn, 1)
            os.lseek(fd, 8 * (RECORDS - 1 - record), os.SEEK_SET)
            os.write(give_me, b'x')
        return 0

    pid = in_child(disturb)
    wrong = 0
    for record in range(RECORDS):
        os.lseek(fd, 8 * record, os.SEEK_SET)
        os.write(give_you, b'x')
        os.read(my_turn, 1)
        wrong += struct.unpack('>q', os.read(fd, 8))[0] != record
    os.waitpid(pid, 0)
    os.close(fd)
    return wrong


def plain(folder):
    path = os.path.join(folder, 'records')
    with open(path, 'wb') as out:
        out.write(b''.join(struct.pack('>q', record) for record in range(RECORDS)))
    return {'records': RECORDS, 'wrong': plain_turns(path, False), 'wrongReopened': plain_turns(path, True)}


def write_tree(path):
    import array
    import ROOT
    number = array.array('q', [0])
    file = ROOT.TFile(path, 'RECREATE', '', 101)
    tree = ROOT.TTree('t', 't')
    tree.Branch('n', number, 'n/L')
    tree.SetAutoFlush(CLUSTER)
    for entry in range(ENTRIES):
        number[0] = entry
        tree.Fill()
    file.Write()
    file.Close()


def root_round(path, reopen):
    """Number of workers that read a wrong entry, and of those that died."""
    import array
    import ROOT
    file = ROOT.TFile.Open(path)
    tree = file.Get('t')
    tree.SetCacheSize(0)
    number = array.array('q', [0])
    tree.SetBranchAddress('n', number)
    start, go = os.pipe()

    def work(worker):
        os.close(go)
        if reopen:
            own_descriptor(file.GetFd())
        picks = random.Random(worker)
        os.read(start, 1)  # returns when the parent has closed its end
        for _ in range(READS):
            entry = picks.randrange(ENTRIES)
            if tree.GetEntry(entry) <= 0 or number[0] != entry:
                return 3
        return 0

    pids = [in_child(lambda worker=worker: work(worker)) for worker in range(WORKERS)]
    os.close(go)
    ends = [os.waitpid(pid, 0)[1] for pid in pids]
    os.close(start)
    file.Close()
    wrong = sum(os.WIFEXITED(end) and os.WEXITSTATUS(end) == 3 for end in ends)
    return wrong, sum(end != 0 for end in ends) - wrong


def root(folder, most):
    path = os.path.join(folder, 'tree.root')
    write_tree(path)
    rounds = wrong = died = 0
    while rounds < most and wrong + died == 0:
        rounds += 1
        wrong, died = root_round(path, False)
    again = [root_round(path, True) for _ in range(most)]
    return {'rounds': rounds, 'wrong': wrong, 'died': died, 'wrongReopened': sum(w for w, _ in again), 'diedReopened': sum(d for _, d in again)}


mode, place, *rest = sys.argv[1:]
print(json.dumps(plain(place) if mode == 'plain' else root(place, int(rest[0]))))
