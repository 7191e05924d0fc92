"""
A job for pool-run with PyROOT: a histogram and a tree, one entry per event.

Arguments: `early` opens the output in initialize, before the fork; `input FILE` reads the number of each event from a
tree that was opened before the fork; `memory MB` fills that much memory in initialize, `lazy MB` in the first event;
`kill` ends the process in event 7, once.
"""
import array
import os
import signal
import sys

import ROOT

out = hist = tree = source = ballast = None
number, worker, value = array.array('i', [0]), array.array('i', [0]), array.array('d', [0])


def initialize():
    global source, ballast
    if 'input' in sys.argv:
        source = ROOT.TFile(sys.argv[sys.argv.index('input') + 1])
        source.numbers = source.Get('events')
        source.numbers.SetCacheSize(0)
    if 'memory' in sys.argv:
        ballast = bytearray(os.urandom(1 << 20)) * int(sys.argv[sys.argv.index('memory') + 1])
    if 'early' in sys.argv:
        book()


def io_reinit(_worker):
    if 'early' not in sys.argv:
        book()


def book():
    global out, hist, tree
    out = ROOT.TFile('hist.root', 'RECREATE')
    hist = ROOT.TH1D('h', 'h', 10, 0, 1000)
    tree = ROOT.TTree('events', 'events')
    tree.Branch('event', number, 'event/I')
    tree.Branch('worker', worker, 'worker/I')
    tree.Branch('value', value, 'value/D')


def execute(event):
    global ballast
    if 'lazy' in sys.argv and ballast is None:
        ballast = bytearray(os.urandom(1 << 20)) * int(sys.argv[sys.argv.index('lazy') + 1])
    if 'kill' in sys.argv and event == 7 and not os.path.exists(os.environ['POOL_SUBMIT_DIR'] + '/killed'):
        open(os.environ['POOL_SUBMIT_DIR'] + '/killed', 'w').close()
        os.kill(os.getpid(), signal.SIGKILL)
    number[0] = event
    if source is not None:
        source.numbers.GetEntry(event)
        number[0] = int(source.numbers.event)
    worker[0] = int(os.environ['POOL_WORKER'])
    value[0] = event / 3
    hist.Fill(event)
    tree.Fill()


def finalize():
    out.Write()
    out.Close()
