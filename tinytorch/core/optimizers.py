"""Optimizers, module 06: how a gradient becomes a step.

Every step ends with the parameters' masks: what module 17 has pruned stays at exactly 0.0, whatever
momentum, weight decay or a student's own optimizer added to it. It also counts up the parameters'
versions, so that a gradient of what was computed before is refused. State is held per parameter and
updated in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from math import sqrt
from typing import Any

import numpy as np

from tinytorch.core.tensor import Parameter, Tensor


class Optimizer:
    """Base of every optimizer: the parameters, their state, and the promise that masks hold.

    A subclass defines ``step``. Whatever it does, masked-out entries are set to zero right after
    it, so an optimizer keeps pruned weights at zero without knowing about pruning.

    Parameters
    ----------
    params : iterable of Parameter
        What to optimise; a parameter given twice is updated once.
    lr : float
        Learning rate, the size of a step.

    Attributes
    ----------
    params : list of Tensor
    lr : float
        Read at every step, so a schedule may assign it.

    Raises
    ------
    ValueError
        If there are no parameters or `lr` is negative or not finite.
    TypeError
        If something is not a tensor that requires a gradient.

    Examples
    --------
    >>> class SignSGD(Optimizer):
    ...     def step(self):
    ...         for p in self.params:
    ...             p.data -= self.lr * np.sign(p.grad)
    >>> weight = Parameter([1.0, 0.0])
    >>> weight.mask = [True, False]
    >>> weight.grad = np.array([1.0, 1.0], dtype=np.float32)
    >>> SignSGD([weight], lr=0.5).step()
    >>> weight.data
    array([0.5, 0. ], dtype=float32)
    """

    def __init__(self, params: Iterable[Tensor], lr: float) -> None:
        if isinstance(params, Tensor):
            raise TypeError("an optimizer takes an iterable of parameters: write [parameter]")
        self.params = list(dict.fromkeys(params))
        if not self.params:
            raise ValueError(f"{type(self).__name__} got no parameters; pass model.parameters()")
        for p in self.params:
            if not isinstance(p, Tensor) or not p.requires_grad:
                raise TypeError(
                    f"{type(self).__name__} optimises tensors that require a gradient, got {p!r}"
                )
            if p._edges:
                raise ValueError(
                    f"{type(self).__name__} got a tensor of shape {p.shape} that was computed from "
                    "others; give those"
                )
        _check_range(self, "lr", lr)
        self.lr = lr
        self.state: dict[Tensor, dict[str, Any]] = {p: {} for p in self.params}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in vars(cls) or not hasattr(cls.step, "keeps_masks"):  # own, or a mixin's
            cls.step = _keeping_masks(cls.step)  # type: ignore[method-assign]

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        raise NotImplementedError(f"{type(self).__name__} does not define step()")

    def zero_grad(self) -> None:
        """Forget all gradients; call it before each backward pass."""
        for p in self.params:
            p.grad = None


def _keeping_masks(step: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an optimizer's step so that masked-out entries are zero when it returns."""

    @wraps(step)
    def step_then_mask(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        result = step(self, *args, **kwargs)
        for p in self.params:
            if isinstance(p, Parameter):
                p.apply_mask()
            if p.grad is not None:
                p._version += 1  # what was computed before has no right gradient any more
        return result

    step_then_mask.keeps_masks = True  # type: ignore[attr-defined]
    return step_then_mask


def _check_range(optimizer: Optimizer, name: str, value: float, below: float = np.inf) -> None:
    if not 0 <= value < below:
        bound = f"in [0, {below})" if below < np.inf else "finite and not negative"
        raise ValueError(f"{type(optimizer).__name__}: {name} must be {bound}, got {value!r}")


class SGD(Optimizer):
    """Stochastic gradient descent with momentum.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float, default 1e-3
    momentum : float, default 0
        How much of the previous step is kept.
    weight_decay : float, default 0
        L2 penalty: this multiple of the weight is added to its gradient.

    Notes
    -----
    ``v = momentum * v + g``, then ``p -= lr * v``, as PyTorch does it; Sutskever et al. (2013)
    write the same with the learning rate inside v.

    Examples
    --------
    >>> weight = Parameter([1.0])
    >>> weight.grad = np.array([0.5], dtype=np.float32)
    >>> SGD([weight], lr=0.1).step()
    >>> weight.data
    array([0.95], dtype=float32)
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        _check_range(self, "momentum", momentum)
        _check_range(self, "weight_decay", weight_decay)
        self.momentum = momentum
        self.weight_decay = weight_decay

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for p in self.params:
            if p.grad is None:
                continue
            update = p.grad
            if self.weight_decay:
                update = update + self.weight_decay * p.data
            if self.momentum:
                velocity = self.state[p].get("velocity")
                if velocity is None:
                    velocity = self.state[p]["velocity"] = np.array(update)  # a 0-d sum is no array
                else:
                    velocity *= self.momentum
                    velocity += update
                update = velocity
            p.data -= self.lr * update


class Adam(Optimizer):
    """Adaptive moment estimation.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float, default 1e-3
    betas : (float, float), default (0.9, 0.999)
        Decay of the running means of the gradient and of its square.
    eps : float, default 1e-8
        Added to the denominator.
    weight_decay : float, default 0
        L2 penalty added to the gradient (coupled; see :class:`AdamW` for the decoupled form).

    Notes
    -----
    Kingma and Ba (2015), arXiv:1412.6980.

    Examples
    --------
    >>> weight = Parameter([1.0])
    >>> weight.grad = np.array([0.5], dtype=np.float32)
    >>> Adam([weight], lr=0.1).step()
    >>> weight.data.round(4)
    array([0.9], dtype=float32)
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        for i, beta in enumerate(betas):
            _check_range(self, f"betas[{i}]", beta, below=1.0)
        _check_range(self, "eps", eps)
        _check_range(self, "weight_decay", weight_decay)
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for p in self.params:
            if p.grad is not None:
                gradient = p.grad
                if self.weight_decay:
                    gradient = gradient + self.weight_decay * p.data
                self._update(p, gradient)

    def _update(self, p: Tensor, gradient: np.ndarray) -> None:
        state = self.state[p]
        if not state:
            state.update(count=0, mean=np.zeros_like(p.data), square=np.zeros_like(p.data))
        state["count"] += 1
        mean, square, count = state["mean"], state["square"], state["count"]
        beta1, beta2 = self.betas
        step = np.empty_like(mean)  # the one temporary; large ones cost more than the arithmetic
        np.subtract(gradient, mean, out=step)
        step *= 1 - beta1
        mean += step
        np.multiply(gradient, gradient, out=step)
        step -= square
        step *= 1 - beta2
        square += step
        np.sqrt(square, out=step)
        step /= sqrt(1 - beta2**count)
        step += self.eps
        np.divide(mean, step, out=step)
        step *= self.lr / (1 - beta1**count)
        p.data -= step


class AdamW(Adam):
    """Adam with decoupled weight decay: weights shrink by ``lr * weight_decay`` in every step.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float, default 1e-3
    betas : (float, float), default (0.9, 0.999)
    eps : float, default 1e-8
    weight_decay : float, default 1e-2

    Notes
    -----
    Loshchilov and Hutter (2019), arXiv:1711.05101.

    Examples
    --------
    >>> weight = Parameter([1.0])
    >>> weight.grad = np.array([0.0], dtype=np.float32)
    >>> AdamW([weight], lr=0.1, weight_decay=0.5).step()
    >>> weight.data
    array([0.95], dtype=float32)
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for p in self.params:
            if p.grad is not None:
                p.data *= 1 - self.lr * self.weight_decay
                self._update(p, p.grad)
