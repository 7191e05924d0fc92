"""Runs a Python job of pool-run: a file with initialize(), execute(event) and finalize(), all optional but execute.

pool_bootstrap.py serial 0 FILE ARGS...   all events of the environment in this process
pool_bootstrap.py fork N FILE ARGS...     initialize once, then fork a worker for every order on descriptor 4;
                                          N = 1: after a rehearsal of the first event in a directory of its own

After the fork a worker has its own directory, log and descriptors: files open for reading are opened again
(a shared descriptor has one common position), files open for writing go on as a copy in the worker's directory.
io_reinit(worker), if the job has it, is then called to open outputs anew.
What was filled before stays with the first worker (pool_prefork.py), unless POOL_KEEP_PREFORK is all.
"""
import ctypes
import faulthandler
import gc
import io
import json
import os
import select
import shutil
import signal
import stat
import sys
import traceback

import pool_prefork

ANSWERS, ORDERS = 3, 4  # descriptors
REHEARSAL = 'rehearsal'  # folder in the job directory


def load(path):
    """The job's functions: FILE is run as a module of its own name, with its folder on sys.path."""
    import importlib.util
    path = os.path.abspath(path)
    sys.path.insert(0, os.path.dirname(path))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    if not callable(getattr(module, 'execute', None)):
        sys.exit('%s: a job needs a function execute(event)' % path)
    return module


def call(module, name, *args):
    function = getattr(module, name, None)
    if function is not None:
        function(*args)


def own_events():
    """The worker's events: round robin, or those of the chunks it claims from the queue (see event-queue.ts)."""
    def number(name):
        return int(os.environ['POOL_' + name])
    folder = os.environ.get('POOL_QUEUE')
    if folder is None:
        first, stride = number('FIRST_EVENT'), number('EVENT_STRIDE')
        yield from range(first, first + number('MAX_EVENTS') * stride, stride)
        return
    token = os.path.join(folder, 'worker_' + os.environ['POOL_WORKER'])
    first, count, size = number('QUEUE_FIRST'), number('QUEUE_EVENTS'), number('QUEUE_CHUNK')
    for chunk in range((count + size - 1) // size):
        try:
            os.link(token, os.path.join(folder, 'chunk_%d' % chunk))
        except FileExistsError:
            continue
        yield from range(first + chunk * size, min(first + (chunk + 1) * size, first + count))


def note_memory(finished):
    """Private and shared kB of this process, at the points of memory-log.ts."""
    if finished not in (0, 1, 50) or 'POOL_MEMORY_LOG' not in os.environ:
        return
    kb = {'Private': 0, 'Shared': 0}
    with open('/proc/self/smaps_rollup') as lines:
        for line in lines:
            kind = line.split('_')[0]
            if kind in kb:
                kb[kind] += int(line.split()[1])
    with open(os.environ['POOL_MEMORY_LOG'], 'a') as log:
        log.write('%d %d %d\n' % (finished, kb['Private'], kb['Shared']))


def run_events(module, before_finalize=lambda: None):
    """Runs the worker's events; the number of each finished one goes into the event log."""
    log = None
    if 'POOL_EVENT_LOG' in os.environ:
        log = os.open(os.environ['POOL_EVENT_LOG'], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
    finished = 0
    note_memory(finished)
    for event in own_events():
        module.execute(event)
        finished += 1
        if log is not None:
            os.write(log, b'%d\n' % event)
        note_memory(finished)
    before_finalize()
    call(module, 'finalize')


def flush(streams):
    """Writes out what they hold: after a fork every process would write it."""
    for stream in streams:
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            pass  # none, closed, or open for reading only


def flush_all():
    """The same for all files open for writing that Python knows."""
    flush(thing for thing in gc.get_objects() if isinstance(thing, (io.BufferedWriter, io.BufferedRandom, io.TextIOWrapper)))


def open_files():
    """[descriptor, path, flags] of all regular files this process has open, but its log and channels."""
    found = []
    for name in os.listdir('/proc/self/fd'):
        fd = int(name)
        if fd <= ORDERS:
            continue
        try:
            info = os.fstat(fd)
            path = os.readlink('/proc/self/fd/%d' % fd)
            with open('/proc/self/fdinfo/%d' % fd) as lines:
                flags = next(int(line.split()[1], 8) for line in lines if line.startswith('flags:'))
        except OSError:
            continue
        if stat.S_ISREG(info.st_mode) and os.path.exists(path):
            found.append([fd, path, flags])
    return found


def is_output(flags):
    return flags & os.O_ACCMODE != os.O_RDONLY


def refuse_common_outputs(files, start):
    """Where every worker runs initialize by itself in the same directory, their outputs would lie over each other."""
    common = [path for _, path, flags in files if is_output(flags) and path.startswith(start + os.sep)]
    if common:
        sys.exit('open outputs in io_reinit(worker), not in initialize: every worker runs initialize, all in the directory in which pool-run was started: '
                 + ', '.join(os.path.relpath(path, start) for path in common))


def set_outputs_aside(files, start, before, place):
    """
    Moves new files that initialize has open in the start directory into the job directory; the descriptors stay as
    they are. `before` are the names that were there already: such a file is not the job's alone, it stays.
    """
    for entry in files:
        path = entry[1]
        if is_output(entry[2]) and path.startswith(start + os.sep) and os.path.relpath(path, start).split(os.sep)[0] not in before:
            target = os.path.join(place, 'initialize', os.path.relpath(path, start))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.rename(path, target)
            entry[1] = target


def own_copy(path, place, directory):
    """A worker's copy of a file that is open for writing; of one of the rehearsal, which does not count, it will have no name."""
    folder = os.path.join(place, 'initialize')
    for_good = not path.startswith(os.path.join(place, REHEARSAL) + os.sep)
    name = os.path.basename(path)
    if not for_good:
        name = '.' + REHEARSAL
    elif path.startswith(folder + os.sep):
        name = os.path.relpath(path, folder)
    own = os.path.join(directory, name)
    os.makedirs(os.path.dirname(own), exist_ok=True)
    shutil.copyfile(path, own)
    return own, for_good


def reopen(files, place, directory):
    """Gives this process descriptors of its own under the old numbers."""
    for fd, path, flags in files:
        position, has_name = os.lseek(fd, 0, os.SEEK_CUR), True
        if is_output(flags):
            path, has_name = own_copy(path, place, directory)
            flags &= ~(os.O_CREAT | os.O_TRUNC | os.O_EXCL)
        fresh = os.open(path, flags)
        if not has_name:
            os.unlink(path)
        os.lseek(fresh, position, os.SEEK_SET)
        os.dup2(fresh, fd, inheritable=not flags & os.O_CLOEXEC)
        os.close(fresh)


def die_with_parent():
    """A worker whose master is killed must not go on alone (Linux; elsewhere it is told by pool-run only)."""
    try:
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except (OSError, AttributeError):
        pass


def become_worker(order, place, files):
    """After the fork: own process group, log, directory, environment and descriptors."""
    os.setpgid(0, 0)
    die_with_parent()
    directory = order['directory']
    log = os.open(os.path.join(directory, 'pool-run.log'), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(ANSWERS)
    os.close(ORDERS)
    os.close(log)
    os.close(nothing)
    reopen(files, place, directory)
    os.chdir(directory)
    os.environ.update(order['environment'])


def work(module, order, place, files, prefork):
    """The whole life of a worker; never returns. No teardown of the interpreter: what is inherited is not its own."""
    code = 1
    keeps = order['worker'] == 0 or os.environ.get('POOL_KEEP_PREFORK') == 'all'
    try:
        become_worker(order, place, files)
        if not keeps:
            prefork.drop_entries()
        call(module, 'io_reinit', order['worker'])
        run_events(module, (lambda: None) if keeps else prefork.take_off)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # the worker must end here whatever happens
        traceback.print_exc()
    flush_all()
    os._exit(code & 255)


def rehearse(module, place):
    """The first event once before the fork, for what is only made when it is first used; its outputs do not count."""
    if not callable(getattr(module, 'io_reinit', None)):
        sys.exit('--fork-after 1 needs a function io_reinit(worker) that opens the outputs: each worker opens its own after the fork')
    start, directory = os.getcwd(), os.path.join(place, REHEARSAL)
    shutil.rmtree(directory, ignore_errors=True)
    os.mkdir(directory)
    os.chdir(directory)
    module.io_reinit(0)
    module.execute(int(os.environ['POOL_FIRST_EVENT']) - int(os.environ['POOL_WORKER']))
    os.chdir(start)


def answer(**fields):
    os.write(ANSWERS, json.dumps(fields).encode() + b'\n')


def tell_ended(children):
    for pid in list(children):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done == 0:
            continue
        worker = children.pop(pid)
        if os.WIFSIGNALED(status):
            answer(ended=worker, signal=signal.Signals(os.WTERMSIG(status)).name)
        else:
            answer(ended=worker, exitCode=os.WEXITSTATUS(status))


def take_orders(module, place, files, prefork):
    """Forks when told to, until there are no more orders to come."""
    children, text = {}, b''
    # Ended children of a process that ignores them cannot be waited for.
    own_handler = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    while True:
        readable = select.select([ORDERS], [], [], 0.01 if children else None)[0]
        if readable:
            data = os.read(ORDERS, 65536)
            if data == b'':
                break
            text += data
        *lines, text = text.split(b'\n')
        for line in lines:
            order = json.loads(line)
            flush((sys.stdout, sys.stderr))
            pid = os.fork()
            if pid == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL if own_handler is None else own_handler)
                work(module, order, place, files, prefork)
            try:
                os.setpgid(pid, pid)
            except OSError:
                pass  # it was quicker
            children[pid] = order['worker']
            answer(started=order['worker'], pid=pid)
        tell_ended(children)
    for pid in children:
        os.killpg(pid, signal.SIGKILL)


def main():
    mode, fork_after, path = sys.argv[1:4]
    sys.argv = [path] + sys.argv[4:]
    if mode == 'serial':
        module = load(path)
        call(module, 'initialize')
        call(module, 'io_reinit', 0)
        run_events(module)
        return
    die_with_parent()
    faulthandler.enable()  # where a crash was, for the log
    sys.stdout.reconfigure(line_buffering=True)  # what was printed before it, too
    for channel in (ANSWERS, ORDERS):
        os.set_inheritable(channel, False)
    place, start = os.path.realpath(os.environ['POOL_JOB_DIR']), os.path.realpath(os.getcwd())
    before = set(os.listdir(start))
    module = load(path)
    call(module, 'initialize')
    if fork_after == '1':
        with pool_prefork.unfilled(module):
            rehearse(module, place)
    prefork = pool_prefork.Prefork()
    flush_all()
    files = open_files()
    if 'POOL_START_SHARED' in os.environ:
        refuse_common_outputs(files, start)
    set_outputs_aside(files, start, before, place)
    answer(ready=True)
    take_orders(module, place, files, prefork)
    flush_all()
    os._exit(0)


main()
