"""A server that answers like OpenAI's chat: the only place of this room from which a text may leave the machine.

`redaction` takes out what names somebody; `reader` asks, within a budget, a pace and a time.
"""
