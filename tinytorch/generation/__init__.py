"""Generation, module 15: producing text without computing the same keys and values again.

Leans on :mod:`tinytorch.core`; :mod:`tinytorch.models.transformer` fills the cache.
"""

from tinytorch.generation.kv_cache import KVCache

__all__ = ["KVCache"]
