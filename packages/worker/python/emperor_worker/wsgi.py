"""Joins requests and apps: the constant part of the environ, and the choice of the app by mountpoint."""
import sys
from os import fsencode

from emperor_worker import report
from emperor_worker.file_wrapper import FileWrapper
from emperor_worker.reload_on_exception import make_judge
from emperor_worker.request import Request


def make_server(settings, loaded_apps, channel):
    """Returns the function that answers one request."""
    constants = {
        'wsgi.file_wrapper': FileWrapper,
        'wsgi.version': (1, 0),
        'wsgi.errors': sys.stderr,
        'wsgi.run_once': False,
        'wsgi.multithread': settings['threads'] > 1,
        'wsgi.multiprocess': settings['processes'] > 1,
        'wsgi.url_scheme': 'http',
        'uwsgi.version': settings['version'].encode(),
        'uwsgi.node': fsencode(settings['nodeName']),
    }
    behaviour = settings['behaviour']
    if not behaviour['offersFileWrapper']:
        del constants['wsgi.file_wrapper']
    Request.shows_exceptions = settings['catchExceptions']
    Request.raises_write_errors = settings['raisesWriteErrors']
    Request.sends_head_at_once = behaviour['sendsHeadAtOnce']
    Request.asks_for_fresh_worker = make_judge(behaviour)
    find_app = _app_finder(settings, loaded_apps)
    if behaviour['loadsAppsOnDemand']:
        find_app = _with_dynamic_apps(find_app, loaded_apps, channel, settings)
    has_threads = settings['threads'] > 1

    def serve(request):
        if request.aborted:  # nobody waits for it any more
            request.finish_aborted()
            return
        environ = request.environ()
        environ.update(constants)
        if 'HTTPS' in environ or 'UWSGI_SCHEME' in environ:
            environ['wsgi.url_scheme'] = _scheme(environ)
        if has_threads:
            environ['uwsgi.core'] = request.core
        app = find_app(environ)
        if app is None:
            report.write('--- no python application found, check your startup logs for errors ---\n')
            request.respond_error()
            return
        request.app_id = app.id
        request.run(app.function, environ)

    return _surround(serve, behaviour)


def _surround(serve, behaviour):
    """What few want done around each request, so that others do not pay for it."""
    after = getattr(sys.modules['uwsgi'], 'after_req_hook', None)
    if not behaviour['reloadsEnvironment'] and after is None:
        return serve
    before = None
    if behaviour['reloadsEnvironment']:
        from emperor_worker import os_environment  # it needs ctypes

        before = os_environment.reader()

    def serve_surrounded(request):
        if before is not None:
            before()
        serve(request)
        if after is not None:
            try:
                after()
            except Exception as error:
                report.report(error)

    return serve_surrounded


def _with_dynamic_apps(find_app, loaded_apps, channel, settings):
    from emperor_worker.dynamic_apps import DynamicApps

    dynamic = DynamicApps(loaded_apps, channel, settings.get('callable') or 'application')

    def find(environ):
        return dynamic.find(environ) or find_app(environ) or (loaded_apps[0] if loaded_apps else None)

    return find


def _scheme(environ):
    scheme = environ.get('UWSGI_SCHEME')
    if scheme:
        return scheme
    return 'https' if environ.get('HTTPS') in ('on', '1') else 'http'


def _app_finder(settings, loaded_apps):
    """Returns the function that chooses the app for an environ; with `manage-script-name` it also splits the path."""
    behaviour = settings['behaviour']
    first = loaded_apps[0] if loaded_apps and behaviour['hasDefaultApp'] else None
    default = next((app for app in loaded_apps if app.mountpoint == ''), first)
    mounted = sorted((app for app in loaded_apps if app.mountpoint), key=lambda app: -len(app.mountpoint))
    if not mounted:
        return lambda _environ: default
    by_mountpoint = {app.mountpoint: app for app in mounted}
    manages_script_name = settings['manageScriptName']
    uses_script_name = not behaviour['ignoresScriptName']
    host_variable = behaviour['hostVariable']

    def find_app(environ):
        host = environ.get(host_variable, '') + '|' if host_variable else ''
        app = by_mountpoint.get(host + environ.get('SCRIPT_NAME', '')) if uses_script_name else None
        if app is None and manages_script_name:
            path = environ.get('PATH_INFO', '')
            for candidate in mounted:
                if not candidate.mountpoint.startswith(host):
                    continue
                mountpoint = candidate.mountpoint[len(host):].rstrip('/')
                if path == mountpoint or path.startswith(mountpoint + '/'):
                    environ['SCRIPT_NAME'] = mountpoint
                    environ['PATH_INFO'] = path[len(mountpoint):]
                    return candidate
        return app or default

    return find_app
