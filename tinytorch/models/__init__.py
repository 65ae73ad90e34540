"""Models, module 13: whole networks made of the stack's layers."""

from tinytorch.models.transformer import GPT, TransformerBlock

__all__ = ["GPT", "TransformerBlock"]
