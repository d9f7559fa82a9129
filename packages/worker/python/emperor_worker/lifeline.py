"""Nothing below a killed vassal goes on: the kernel ends the zygote, the workers and what they started.

The vassal holds one end of a socket pair and never writes to it. On our end the kernel is told to signal our process
group when something happens there; the only thing that can happen is that the vassal's end vanishes. SIGIO's default
action ends a process, also one that is stuck in C code or blocks every signal a program usually blocks.
"""
import fcntl
import os
import select


def attach(descriptor):
    """Makes this process the leader of a group that ends with the vassal."""
    try:
        os.setpgid(0, 0)
    except PermissionError:  # already a session leader
        pass
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)
    os.set_inheritable(descriptor, False)
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if poll.poll(0):  # it vanished before we were attached
        os._exit(1)


def detach(descriptor):
    """The vassal goes in order, and says so: what the app has started may live on."""
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) & ~os.O_ASYNC)
