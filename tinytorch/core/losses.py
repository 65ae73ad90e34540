"""Losses, module 04: how far an output is from what was wanted, as a differentiable scalar.

Cross-entropy is computed in log space from logits, so no input of ordinary size overflows. Leans on
:mod:`tinytorch.core.tensor`; the trainer and the distillation of module 17 lean on it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tinytorch.core.layers import Module, check_input
from tinytorch.core.tensor import Tensor, record

_REDUCTIONS = ("mean", "sum", "none")


def class_labels(labels: ArrayLike | Tensor, n_classes: int, batch: int) -> np.ndarray:
    """Return labels as integers, after checking that they fit the logits.

    Parameters
    ----------
    labels : array_like or Tensor
        Class indices of shape (batch,), or one-hot rows of shape (batch, n_classes).
    n_classes, batch : int
        The logits' columns and rows.

    Returns
    -------
    ndarray of int, shape (batch,)

    Raises
    ------
    ValueError
        If shape or values do not fit.

    Examples
    --------
    >>> class_labels([[0, 1, 0], [1, 0, 0]], n_classes=3, batch=2)
    array([1, 0])
    """
    array = np.asarray(labels.data if isinstance(labels, Tensor) else labels)
    if array.shape == (batch, n_classes) and array.ndim == 2:
        if not (np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()):
            raise ValueError("one-hot labels must have exactly one 1 in each row, and zeros")
        return array.argmax(axis=1)
    if array.shape != (batch,):
        raise ValueError(
            f"labels have shape {array.shape}; for logits of shape {(batch, n_classes)} they must "
            f"be class indices of shape {(batch,)} or one-hot rows of shape {(batch, n_classes)}"
        )
    with np.errstate(invalid="ignore"):  # NaN becomes some integer, and is refused as unequal
        indices = array.astype(np.intp)
    if not np.array_equal(indices, array):
        raise ValueError(f"labels must be whole numbers, got dtype {array.dtype} with fractions")
    if batch and not (indices.min() >= 0 and indices.max() < n_classes):
        raise ValueError(
            f"labels must lie in 0..{n_classes - 1} for {n_classes} classes, "
            f"got {indices.min()}..{indices.max()}"
        )
    return indices


class _Loss(Module):
    """A loss with PyTorch's `reduction`."""

    reductions: tuple[str, ...] = _REDUCTIONS

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in self.reductions:
            raise ValueError(f"{type(self).__name__}: reduction must be one of "
                             f"{', '.join(self.reductions)}; got {reduction!r}")  # fmt: skip
        self.reduction = reduction

    def _reduce(self, losses: Tensor) -> Tensor:
        if self.reduction == "none":
            return losses
        if self.reduction == "sum":
            return losses.sum()
        if losses.size == 0:
            raise ValueError(f"{type(self).__name__} got an empty batch; its mean is undefined")
        return losses.mean() if self.reduction == "mean" else losses.sum() * (1 / len(losses))

    def _same_shape(self, prediction: Tensor, target: Tensor | ArrayLike) -> Tensor:
        check_input(self, prediction)
        target = target if isinstance(target, Tensor) else Tensor(target)
        if not target.requires_grad:  # integers or float64 would change the prediction's precision
            target = Tensor(target.data.astype(prediction.dtype, copy=False))
        if prediction.shape != target.shape:
            raise ValueError(f"{type(self).__name__} got prediction of shape {prediction.shape} "
                             f"and target of shape {target.shape}; they must be equal")  # fmt: skip
        return target

    def extra_repr(self) -> str:
        return f"reduction={self.reduction!r}"


class MSELoss(_Loss):
    """Mean squared error.

    Parameters
    ----------
    reduction : {'mean', 'sum', 'none'}, default 'mean'

    Raises
    ------
    ValueError
        If prediction and target differ in shape.

    Examples
    --------
    >>> MSELoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])).item()
    2.0
    """

    def forward(self, prediction: Tensor, target: Tensor | ArrayLike) -> Tensor:
        """Return the reduced squared differences."""
        error = prediction - self._same_shape(prediction, target)
        return self._reduce(error * error)


class CrossEntropyLoss(_Loss):
    """Negative log-probability that the softmax of the logits gives to the right class.

    Parameters
    ----------
    reduction : {'mean', 'sum', 'none'}, default 'mean'

    Raises
    ------
    ValueError
        If logits are not (..., classes), or labels do not fit them.

    Notes
    -----
    The gradient with respect to the logits is ``softmax(logits) - onehot(labels)``. The plain form
    is ``-logits.log_softmax()[range(batch), labels]``; here it is one operation.

    Examples
    --------
    >>> loss = CrossEntropyLoss()(Tensor([[1000.0, 0.0]]), [1])
    >>> loss.item()
    1000.0
    """

    def forward(self, logits: Tensor, labels: Tensor | ArrayLike) -> Tensor:
        """Return the loss of logits (..., classes) against class indices (...) or one-hot rows."""
        check_input(self, logits)
        if logits.ndim < 2:
            raise ValueError(f"CrossEntropyLoss needs logits of shape (batch, classes), got "
                             f"{logits.shape}")  # fmt: skip
        n_classes = logits.shape[-1]
        flat = logits.data.reshape(-1, n_classes)
        batch = len(flat)
        given = np.asarray(labels.data if isinstance(labels, Tensor) else labels)
        if given.shape in (logits.shape, logits.shape[:-1]) and logits.ndim > 2:
            given = given.reshape(-1, *given.shape[logits.ndim - 1 :])
        right = class_labels(given, n_classes, batch)
        if batch == 0 and self.reduction == "mean":
            raise ValueError("CrossEntropyLoss got an empty batch; its mean is undefined")

        rows = np.arange(batch)
        log_probabilities = flat - flat.max(axis=1, keepdims=True)
        log_probabilities -= np.log(np.exp(log_probabilities).sum(axis=1, keepdims=True))
        losses = -log_probabilities[rows, right]
        scale = 1 / batch if self.reduction == "mean" else 1.0

        def to_logits(g: np.ndarray) -> np.ndarray:
            grad = np.exp(log_probabilities)
            grad[rows, right] -= 1
            grad *= g.reshape(-1, 1) * scale
            return grad.reshape(logits.shape)

        if self.reduction == "none":
            return record(losses.reshape(logits.shape[:-1]), (logits, to_logits))
        return record(losses.sum() * losses.dtype.type(scale), (logits, to_logits))


class BinaryCrossEntropyLoss(_Loss):
    """Negative log-likelihood of 0/1 targets under predicted probabilities.

    Parameters
    ----------
    reduction : {'mean', 'sum', 'none'}, default 'mean'

    Raises
    ------
    ValueError
        If shapes differ, or a probability lies outside [0, 1].

    Notes
    -----
    As PyTorch's ``BCELoss``: logarithms are limited to -100, so a certain and wrong prediction
    costs 100 instead of infinity.

    Examples
    --------
    >>> round(BinaryCrossEntropyLoss()(Tensor([0.5]), Tensor([1.0])).item(), 4)
    0.6931
    """

    def forward(self, probability: Tensor, target: Tensor | ArrayLike) -> Tensor:
        """Return the reduced loss."""
        y = self._same_shape(probability, target).data
        p = probability.data
        if not ((p >= 0) & (p <= 1)).all():
            raise ValueError(f"BinaryCrossEntropyLoss needs probabilities in [0, 1], got "
                             f"{p.min()}..{p.max()}; apply a Sigmoid first")  # fmt: skip
        with np.errstate(divide="ignore"):
            losses = -(y * np.maximum(np.log(p), -100) + (1 - y) * np.maximum(np.log(1 - p), -100))

        def to_probability(g: np.ndarray) -> np.ndarray:
            return g * (p - y) / np.maximum(p * (1 - p), 1e-12)

        return self._reduce(
            record(losses.astype(p.dtype, copy=False), (probability, to_probability, probability))
        )


class KLDivLoss(_Loss):
    """Kullback-Leibler divergence KL(target || input) from *log*-probabilities of the input.

    Parameters
    ----------
    reduction : {'mean', 'batchmean', 'sum', 'none'}, default 'mean'
        'batchmean' divides the sum by the batch size, which is the divergence of the mathematics;
        'mean' divides by the number of entries.
    log_target : bool, default False
        Whether the target holds log-probabilities too.

    Raises
    ------
    ValueError
        If shapes differ, or a target probability is negative.

    Examples
    --------
    >>> uniform = Tensor([[0.5, 0.5]])
    >>> KLDivLoss(reduction="batchmean")(uniform.log(), uniform).item()
    0.0
    """

    reductions = (*_REDUCTIONS, "batchmean")

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, log_probability: Tensor, target: Tensor | ArrayLike) -> Tensor:
        """Return ``target * (log(target) - log_probability)``, reduced; 0 log 0 counts as 0."""
        wanted = self._same_shape(log_probability, target)
        if self.log_target:
            divergence = wanted.exp() * (wanted - log_probability)
        elif (wanted < 0).any():
            raise ValueError(f"KLDivLoss needs a target of probabilities, got {wanted.data.min()}; "
                             "for log-probabilities give log_target=True")  # fmt: skip
        else:
            divergence = _x_log_x(wanted) - wanted * log_probability
        return self._reduce(divergence)


def _x_log_x(x: Tensor) -> Tensor:
    """Return x log x with 0 at 0."""
    log = np.log(np.where(x.data > 0, x.data, 1))
    return record(x.data * log, (x, lambda g: g * (log + 1)))
