"""Apps that are loaded when a request asks for them, as nginx's `uwsgi_param UWSGI_FILE …` and the route `setfile` do.

`UWSGI_FILE`, `UWSGI_SCRIPT` (module:callable) or `UWSGI_MODULE` with `UWSGI_CALLABLE` name the app, `UWSGI_CHDIR` where
it is loaded, `UWSGI_APPID`, or else SCRIPT_NAME, under which name it is kept. No client of HTTP can set them: its
headers all begin with HTTP_.
"""
import os
from _thread import allocate_lock

from emperor_worker import apps


class DynamicApps:
    """Those of one worker."""

    def __init__(self, loaded, channel, callable_name):
        self._loaded = loaded
        self._by_name = {app.mountpoint: app for app in loaded}
        self._channel = channel
        self._callable_name = callable_name
        self._lock = allocate_lock()

    def find(self, environ):
        """The app that the request asks for, loaded or to be loaded; None when it asks for none, or for a broken one."""
        name = environ.get('UWSGI_APPID') or environ.get('SCRIPT_NAME', '')
        source = _source(environ, self._callable_name)
        if not name and source is None:
            return None
        app = self._by_name.get(name)
        if app is None and source is not None:
            with self._lock:  # of several threads one loads it
                app = self._by_name.get(name) or self._load(name, source, environ.get('UWSGI_CHDIR'))
        return app

    def _load(self, name, source, directory):
        if directory:
            os.chdir(directory)
        app = apps.load_app(len(self._loaded), name, source)
        if app is None:
            self._channel.note('app', pid=os.getpid(), apps=[], failed=[{'mountpoint': name, 'source': ''}], loaded=len(self._loaded))
            return None
        self._loaded.append(app)
        self._by_name[name] = app
        self._channel.note('app', pid=os.getpid(), apps=[app.describe()], failed=[], loaded=len(self._loaded) - 1)
        return app


def _source(environ, callable_name):
    """(kind, text, name of the callable), or None."""
    if 'UWSGI_FILE' in environ:
        return 'file', environ['UWSGI_FILE'], environ.get('UWSGI_CALLABLE', callable_name)
    if 'UWSGI_SCRIPT' in environ:
        return 'module', environ['UWSGI_SCRIPT'], callable_name
    if 'UWSGI_MODULE' in environ:
        parts = [environ[name] for name in ('UWSGI_MODULE', 'UWSGI_CALLABLE') if name in environ]
        return 'module', ':'.join(parts), callable_name
    return None
