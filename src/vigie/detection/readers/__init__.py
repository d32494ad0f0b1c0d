"""Second readers: a slower model of the user's choice, asked only of what the fast reader is unsure of. Off by default.

`cascade` (which texts, and what becomes of the score) over `ports` (what a second reader is): a folder with a model
(`onnx`, `safetensors`) or an address that answers like OpenAI's (`endpoint`). `ledger` keeps what was spent today.
"""
