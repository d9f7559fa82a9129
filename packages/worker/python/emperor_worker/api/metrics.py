"""The topic metrics: figures by name, kept by the vassal (options enable-metrics and metric). Without them there are none, as in uWSGI."""
from emperor_worker.api.text import as_text

_CHANGES = ('metric_set', 'metric_inc', 'metric_dec', 'metric_mul', 'metric_div', 'metric_set_max', 'metric_set_min')


def functions(state):
    def ask(name, *args):
        if state.channel is None or 'metrics' not in state.settings['services']:
            return None
        return state.channel.calls.ask(name, *args)

    def metric_get(metric):
        return ask('metric_get', as_text(metric)) or 0

    def make_change(name):
        def change(metric, value=1):
            return ask(name, as_text(metric), int(value))

        change.__name__ = name
        return change

    return [metric_get] + [make_change(name) for name in _CHANGES]
