"""Giving root up, for processes that were started with it (options master-as-root, drop-after-init and drop-after-apps)."""
import os


def drop(privileges, moment):
    """Becomes who the settings say, when this is the moment: the group first, then the user. Cannot be undone."""
    if not privileges or privileges['moment'] != moment or os.getuid() != 0:
        return
    uid, gid = privileges['uid'], privileges['gid']
    if gid >= 0:
        os.setgid(gid)
    if uid < 0:
        return
    if privileges['userName']:
        os.initgroups(privileges['userName'], os.getgid())
    else:
        os.setgroups([gid] if gid >= 0 else [])
    if privileges['groups']:
        os.setgroups(os.getgroups() + privileges['groups'])
    os.setuid(uid)
