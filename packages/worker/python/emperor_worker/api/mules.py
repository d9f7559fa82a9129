"""The topic mules: processes beside the workers, and messages to them."""
from emperor_worker.api.text import as_text, in_base64


def functions(state):
    def mule_id():
        return state.mule.number if state.mule else 0

    def in_farm(name=None):
        if state.mule is None:
            return None
        return bool(state.mule.farms) if name is None else as_text(name) in state.mule.farms

    def mule_msg(message, mule=0):
        if not isinstance(mule, int):
            raise ValueError('invalid mule')
        return state.ask('mule_msg', in_base64(message), mule)

    def farm_msg(farm, message):
        state.tell('farm_msg', in_base64(message), as_text(farm))

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
