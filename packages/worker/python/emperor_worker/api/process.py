"""The topic process: who this process is, and what it costs."""
import os
import time

from emperor_worker import process_name, report
from emperor_worker.api.text import as_text


def functions(state):
    def worker_id():
        return state.worker_id

    def mypid():
        return os.getpid()

    def log(message):
        report.write('%s\n' % as_text(message))
        return True

    def micros():
        return int(time.time() * 1000000)

    def mem():
        page = os.sysconf('SC_PAGE_SIZE')
        try:
            with open('/proc/self/statm') as statm:
                size, resident = map(int, statm.read().split()[:2])
        except OSError:
            return (0, 0)
        return (resident * page, size * page)

    def setprocname(name):
        process_name.set_name(as_text(name))

    def i_am_the_spooler():
        return True if state.spooler else None

    return [worker_id, mypid, log, micros, mem, setprocname, i_am_the_spooler]
