"""One ROOT import, one forked child per job.

ROOT aborts, crashes or hangs on some files, so no judgement is made in the process that drives the
others: a job runs in a child with a time limit, its stdout and stderr (where ROOT's messages go) are
captured and handed back as data.
"""
import json
import os
import selectors
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

HERE = Path(__file__).parent
PROBES = ["probe_base.h", "probe_file.h", "probe_hist.h", "probe_tree.h", "probe_ntuple.h", "probe_sum.h"]


def import_root():
    """Imports ROOT once and compiles the C++ probes; children inherit both through fork."""
    warnings.simplefilter("ignore")
    stderr = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)  # the wheel prints a banner
    import ROOT
    os.dup2(stderr, 2)
    ROOT.PyConfig.IgnoreCommandLineOptions = True
    ROOT.gROOT.SetBatch(True)
    ROOT.gEnv.SetValue("Root.Stacktrace", "no")
    ROOT.gInterpreter.AddIncludePath(str(HERE))
    for probe in PROBES:
        if not ROOT.gInterpreter.Declare(f'#include "{HERE / probe}"'):
            raise RuntimeError(f"{probe} does not compile")
    ROOT.TH1.AddDirectory(False)
    return ROOT


def warm():
    """Runs every probe once on a file of ROOT's own, so that children need not compile them again."""
    import ROOT
    import uproot
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "warm.root")
        if not ROOT.oracle.writeWarmFile(path):
            raise RuntimeError("ROOT cannot write a file")
        ROOT.oracle.openCheck(path)
        ROOT.oracle.update(path)
        ROOT.oracle.dump(path)
        ROOT.oracle.compareSum(path, [path, path], True)
        with uproot.open(path) as file:
            file["t"]["x"].array()


class Child:
    """A running job: its process, its deadline, the file its messages go to."""

    def __init__(self, function, arguments, limit_seconds):
        self.deadline = time.monotonic() + limit_seconds
        self.answer = b""
        self.log = tempfile.TemporaryFile()
        self.fd, write_end = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.fd)
            self._work(function, arguments, write_end)
        os.close(write_end)

    def _work(self, function, arguments, write_end):
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(self.log.fileno(), 1)
        os.dup2(self.log.fileno(), 2)
        for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT):
            signal.signal(number, signal.SIG_DFL)  # ROOT's own handlers start a debugger
        try:
            answer = {"ok": True, "result": function(*arguments)}
        except BaseException as error:  # an answer in any case: the parent shows it
            answer = {"ok": False, "failure": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # without ROOT's teardown

    def read(self):
        """Takes what the child wrote; true when it is finished."""
        chunk = os.read(self.fd, 1 << 20)
        self.answer += chunk
        return not chunk

    def kill(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def finish(self, timed_out=False):
        """Waits for the process; returns the answer with `messages`, the lines it printed."""
        os.close(self.fd)
        _, status = os.waitpid(self.pid, 0)
        self.log.seek(0)
        text = self.log.read().decode("utf-8", "replace")
        self.log.close()
        if timed_out:
            answer = {"ok": False, "failure": "time limit"}
        elif os.WIFSIGNALED(status):
            answer = {"ok": False, "failure": f"signal {os.WTERMSIG(status)}"}
        elif not self.answer:
            answer = {"ok": False, "failure": f"exit code {os.waitstatus_to_exitcode(status)}"}
        else:
            answer = json.loads(self.answer)
        answer["messages"] = [line for line in text.splitlines() if line.strip()]
        return answer


def run_job(function, arguments, limit_seconds):
    """Runs one function in a child and waits for it."""
    child = Child(function, arguments, limit_seconds)
    with selectors.DefaultSelector() as selector:
        selector.register(child.fd, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, child.deadline - time.monotonic())):
                child.kill()
                return child.finish(timed_out=True)
            if child.read():
                return child.finish()
