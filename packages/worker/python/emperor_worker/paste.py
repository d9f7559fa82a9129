"""Apps and logging from the files of PasteDeploy (`paste`, `ini-paste`, `paste-logger`)."""
import os

from emperor_worker import report


def load_paste(location):
    """The app of a file, or of a URI such as `config:/srv/app.ini` or `egg:Package`."""
    from emperor_worker.apps import AppError

    try:
        from paste.deploy import loadapp
    except ImportError:
        raise AppError('cannot load "%s": PasteDeploy is not installed for this interpreter; '
                       '"pip install PasteDeploy" in its virtualenv brings it' % location) from None
    uri = location if _scheme(location) else 'config:' + location
    report.write('Loading paste environment: %s\n' % uri)
    return loadapp(uri, relative_to=os.getcwd())


def configure_logging(location):
    """As the sections loggers, handlers and formatters of the file say."""
    from logging.config import fileConfig

    path = location.partition(':')[2] if _scheme(location) else location
    path = os.path.abspath(path.partition('#')[0])
    fileConfig(path, {'__file__': path, 'here': os.path.dirname(path)}, disable_existing_loggers=False)


def _scheme(location):
    scheme = location.partition(':')[0]
    return scheme if scheme in ('config', 'egg', 'call') else ''
