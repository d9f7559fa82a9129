"""Finding the apps: `module`, `wsgi-file`, `file`, `eval`, `callable`, `mount`."""
import importlib
import os
import sys
import time

from emperor_worker import report


class AppError(Exception):
    """The app cannot be loaded, for a reason that is no exception of its own code."""


class App:
    """A loaded app. `mountpoint` is '' for the default one."""

    def __init__(self, app_id, mountpoint, source, function, seconds):
        self.id = app_id
        self.mountpoint = mountpoint
        self.source = source
        self.function = function
        self.seconds = seconds

    def describe(self):
        """What the vassal prints as `WSGI app 0 (mountpoint='') ready in ...`."""
        return {'id': self.id, 'mountpoint': self.mountpoint, 'source': self.source, 'seconds': self.seconds,
                'interpreter': hex(id(sys.modules))}


def import_shared(names):
    """`shared-import`: what every process is to have, whoever loads the app."""
    for name in names:
        _attempt(lambda name=name: importlib.import_module(name))


def load_apps(settings):
    """Loads what the settings name; tracebacks go to standard error. Returns apps, and where those belong that failed."""
    for alias in settings['moduleAliases']:
        _attempt(lambda alias=alias: _alias_module(alias))
    for name in settings['imports']:
        _attempt(lambda name=name: importlib.import_module(name))
    if settings['pasteLogging']:
        from emperor_worker.paste import configure_logging

        _attempt(lambda: configure_logging(settings['paste']))
    apps = []
    failed = []
    for mountpoint, source in _sources(settings):
        began = time.monotonic()
        loaded = _attempt(lambda source=source: _load(source, settings.get('callable') or 'application'))
        if loaded is None:
            failed.append({'mountpoint': mountpoint, 'source': source[1]})
            continue
        for path, function in loaded.items() if isinstance(loaded, dict) else [(mountpoint, loaded)]:
            apps.append(App(len(apps), path, source[1], function, int(time.monotonic() - began)))
    return apps, failed


def load_app(app_id, name, source):
    """One app, of `(kind, text, name of the callable)`. None when it cannot be loaded; the reason is in the log."""
    kind, text, callable_name = source
    began = time.monotonic()
    function = _attempt(lambda: _load((kind, text), callable_name))
    if function is None or isinstance(function, dict):
        return None
    return App(app_id, name, '', function, int(time.monotonic() - began))


def _sources(settings):
    """(mountpoint, (kind, text)) in uWSGI's order."""
    for kind in ('wsgiFile', 'file', 'eval', 'paste', 'module'):
        if settings.get(kind):
            yield '', (kind, settings[kind])
    for mountpoint, text in settings['mounts']:
        yield mountpoint, ('mount', text)


def _attempt(action):
    try:
        return action()
    except AppError as error:
        report.write('%s\n' % error)
    except SystemExit as error:
        report.write('the app called sys.exit(%r) while it was loaded\n' % (error.code,))
    except BaseException as error:
        report.report(error, skip_import_machinery=True)
    return None


def _load(source, callable_name):
    """A callable, or a dict of callables by mountpoint."""
    kind, text = source
    if kind == 'eval':
        namespace = {'__name__': 'uwsgi_eval_config', '__builtins__': __builtins__}
        exec(compile(text, 'uwsgi_eval_config', 'exec'), namespace)  # what the option is for
        return _pick(namespace.get(callable_name), callable_name, 'the code of eval')
    if kind == 'paste':
        from emperor_worker.paste import load_paste

        return load_paste(text)
    if kind in ('wsgiFile', 'file') or (kind == 'mount' and _is_file(text)):
        return _find_in(_load_file(text), callable_name, text)
    module_name, colon, expression = text.partition(':')
    module = importlib.import_module(module_name)
    return _find(module, expression) if colon else _find_in(module, callable_name, 'module %s' % module_name)


def _alias_module(alias):
    """`pymodule-alias = name=module`, or `name=/a/file.py`."""
    name, _, target = alias.partition('=')
    sys.modules[name] = _load_file(target) if _is_file(target) else importlib.import_module(target)


def _is_file(text):
    return text.endswith(('.py', '.wsgi')) or '/' in text


def _load_file(path):
    """Runs a file as the module uWSGI calls it: `uwsgi_file_` and the path with `_` for its dots and slashes."""
    from importlib.machinery import SourceFileLoader
    from importlib.util import module_from_spec, spec_from_loader

    if not os.path.exists(path):
        raise AppError('failed to open python file %s\n(there is no such file in %s)' % (path, os.getcwd()))
    name = 'uwsgi_file_' + (path[:-3] if path.endswith('.py') else path).replace('.', '_').replace('/', '_')
    loader = SourceFileLoader(name, path)
    module = module_from_spec(spec_from_loader(name, loader))
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _find_in(module, name, place):
    """The callable, or the dict of apps that is in its place, in `applications`, or in `uwsgi.applications`."""
    target = getattr(module, name, None)
    for candidate in (target, getattr(module, 'applications', None), getattr(sys.modules['uwsgi'], 'applications', None)):
        if isinstance(candidate, dict):
            report.write('found a multiapp module...\n')
            return {_as_mountpoint(path): _pick(_by_name(module, app), str(app), place)
                    for path, app in candidate.items()}
    return _pick(target, name, place)


def _as_mountpoint(path):
    text = path.decode() if isinstance(path, bytes) else path
    return '' if text == '/' else text


def _by_name(module, app):
    """An app of `applications` may be given by its name in the module."""
    return getattr(module, app, None) if isinstance(app, str) else app


def _find(module, expression):
    """`name`, `name.attribute`, or `factory()`."""
    target = module
    is_factory = expression.endswith('()')
    for part in (expression[:-2] if is_factory else expression).split('.'):
        target = getattr(target, part, None)
    if is_factory and callable(target):
        target = target()
    return _pick(target, expression, 'module %s' % module.__name__)


def _pick(target, name, place):
    if not callable(target):
        raise AppError('no callable "%s" in %s: is it named otherwise (option callable)?' % (name, place))
    return target
