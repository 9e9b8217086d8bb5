"""The room of models: one file per kind of provider, behind the one protocol in `protocol.py`."""
