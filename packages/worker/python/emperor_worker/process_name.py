"""What `ps` shows for this process: its arguments, written over in memory as servers in C do."""


def set_name(name):
    """Replaces the command line by `name`, cut at its length. Does nothing where the system offers no way."""
    try:
        with open('/proc/self/stat', 'rb') as stat:
            fields = stat.read().rpartition(b')')[2].split()
        start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end, fields 48 and 49 of proc(5)
        text = name.encode('utf-8', 'replace')[:end - start - 1]
        with open('/proc/self/mem', 'r+b', buffering=0) as memory:
            memory.seek(start)
            memory.write(text.ljust(end - start, b'\0'))
        with open('/proc/self/comm', 'w') as comm:
            comm.write(name[:15])
    except (OSError, ValueError, IndexError):
        pass
