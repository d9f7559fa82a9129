"""The topic mules: processes beside the workers, and messages to them."""
import base64


def functions(state):
    def mule_id():
        return state.mule.number if state.mule else 0

    def in_farm(name=None):
        if state.mule is None:
            return None
        return bool(state.mule.farms) if name is None else _text(name) in state.mule.farms

    def mule_msg(message, mule=0):
        if not isinstance(mule, int):
            raise ValueError('invalid mule')
        return state.ask('mule_msg', _encoded(message), mule)

    def farm_msg(farm, message):
        state.ask('farm_msg', _encoded(message), _text(farm))

    def mule_get_msg(signals=True, farms=True, buffer_size=65536, timeout=-1):
        if state.mule is None:
            raise ValueError('you can receive mule messages only in a mule !!!')
        message = state.mule.next_message(signals, farms, None if timeout < 0 else timeout)
        return message if message is None else message[:buffer_size]

    def farm_get_msg():
        if state.mule is None:
            raise ValueError('you can receive farm messages only in a mule !!!')
        return state.mule.next_farm_message()

    return [mule_id, in_farm, mule_msg, farm_msg, mule_get_msg, farm_get_msg]


def _encoded(message):
    data = message.encode() if isinstance(message, str) else bytes(message)
    return base64.b64encode(data).decode()


def _text(value):
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else str(value)
