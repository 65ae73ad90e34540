"""What the functions of module 17 ask of a model before they change it, and say of it afterwards.

Leans on the layers and on quantization; the labs call these functions where a model comes in.
"""

from __future__ import annotations

import warnings

import numpy as np

from tinytorch.core.layers import Module
from tinytorch.core.tensor import Parameter
from tinytorch.optimization.quantization import QuantizedWeight


def check_float(model: Module, function: str) -> None:
    """Raise a TypeError if a layer is quantized: its weight is no parameter any more.

    Parameters
    ----------
    model : Module
        A model or a single layer.
    function : str
        Who asks, for the message.

    Examples
    --------
    >>> from tinytorch import Linear
    >>> from tinytorch.optimization.quantization import quantize_model
    >>> check_float(quantize_model(Linear(2, 2)), "magnitude_prune")
    Traceback (most recent call last):
        ...
    TypeError: magnitude_prune needs float weights; QuantizedLinear(2, 2, bits=8) has integers.
    Prune first, then quantize
    """
    for module in model.modules():
        if any(isinstance(held, QuantizedWeight) for held in vars(module).values()):
            raise TypeError(
                f"{function} needs float weights; {module!r} has integers. Prune first, then "
                "quantize"
            )


def check_weights(model: Module, function: str) -> None:
    """Raise unless the weights of a model (two or more dimensions) can be compared by size.

    Parameters
    ----------
    model : Module
        A model or a single layer.
    function : str
        Who asks, for the message.

    Raises
    ------
    TypeError
        As :func:`check_float`.
    ValueError
        If a weight has entries that are not finite.

    Examples
    --------
    >>> from tinytorch import Linear
    >>> layer = Linear(2, 2)
    >>> layer.weight.data[0, 0] = np.nan
    >>> check_weights(layer, "magnitude_prune")
    Traceback (most recent call last):
        ...
    ValueError: magnitude_prune: weight has entries that are not finite (NaN or infinite)
    """
    check_float(model, function)
    for name, parameter in model.named_parameters():
        if parameter.ndim >= 2 and not np.isfinite(parameter.data).all():
            raise ValueError(
                f"{function}: {name} has entries that are not finite (NaN or infinite)"
            )


def warn_of_empty_weights(model: Module) -> None:
    """Warn of every weight of which pruning has left nothing: no signal passes it any more.

    Parameters
    ----------
    model : Module
        After pruning.

    Notes
    -----
    Tanaka, Kunin, Yamins and Ganguli (2020), arXiv:2006.05467, call this layer collapse.
    """
    empty = [name for name, p in model.named_parameters() if p.ndim >= 2 and _is_empty(p)]
    if empty:
        warnings.warn(
            f"every entry of {', '.join(empty)} is pruned, and nothing passes such a layer any "
            "more (layer collapse); prune less, or each layer by itself",
            stacklevel=3,
        )


def _is_empty(weight: Parameter) -> bool:
    return weight.mask is not None and not weight.mask.any()
