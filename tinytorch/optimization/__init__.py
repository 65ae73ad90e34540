"""Making trained models smaller and faster: quantization (module 16) and compression (module 17).

Both act on any ``Module`` of the core. The labs, the checkpoint and the profiler's reports lean on
them; nothing in the core does.
"""
