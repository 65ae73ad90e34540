"""Training, module 07: the loop, learning-rate schedules, gradient clipping, accuracy.

The trainer knows nothing about the model it trains or about pruning; what should happen after each
epoch (a pruning step, say) is given to it as a function. Leans on layers, optimizers and tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import cos, pi

import numpy as np
from numpy.typing import ArrayLike

from tinytorch.core.autograd import no_grad
from tinytorch.core.dataloader import DataLoader
from tinytorch.core.layers import Module, evaluation_mode
from tinytorch.core.losses import CrossEntropyLoss, class_labels
from tinytorch.core.optimizers import Optimizer
from tinytorch.core.tensor import Parameter, Tensor


def accuracy(logits: Tensor, labels: Tensor | ArrayLike) -> float:
    """Return the fraction of rows whose largest logit is that of the right class.

    A row with NaN has no largest logit, so it is not right.

    Parameters
    ----------
    logits : Tensor of shape (batch, classes)
    labels : array_like of int, shape (batch,), or one-hot of shape (batch, classes)

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If the shapes do not fit or the batch is empty.

    Examples
    --------
    >>> accuracy(Tensor([[0.1, 0.9], [0.8, 0.2]]), [1, 1])
    0.5
    """
    if logits.ndim != 2 or not len(logits):
        raise ValueError(f"accuracy needs logits of shape (batch, classes), got {logits.shape}")
    right = class_labels(labels, n_classes=logits.shape[1], batch=len(logits))
    known = ~np.isnan(logits.data).any(axis=1)
    return float(((logits.argmax(dim=1) == right) & known).mean())


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients together so that their joint L2 norm is at most `max_norm`.

    Entries that a mask holds at zero do not count and are not needed, so their gradients are set
    to zero here.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
    max_norm : float
        Positive.

    Returns
    -------
    float
        The norm before clipping.

    Raises
    ------
    ValueError
        If `max_norm` is not positive.

    Notes
    -----
    Pascanu, Mikolov and Bengio (2013), arXiv:1211.5063.

    Examples
    --------
    >>> weight = Parameter([0.0, 0.0])
    >>> weight.grad = np.array([3.0, 4.0], dtype=np.float32)
    >>> clip_grad_norm_([weight], max_norm=1.0)
    5.0
    >>> weight.grad
    array([0.6, 0.8], dtype=float32)
    """
    if not max_norm > 0:
        raise ValueError(f"clip_grad_norm_: max_norm must be positive, got {max_norm!r}")
    gradients = []
    for p in [parameters] if isinstance(parameters, Tensor) else dict.fromkeys(parameters):
        if p.grad is not None:
            if isinstance(p, Parameter) and p.mask is not None:
                np.copyto(p.grad, 0.0, where=~p.mask)
            gradients.append(p.grad)
    norm = float(np.sqrt(sum(float(np.vdot(g, g)) for g in gradients)))
    if norm > max_norm:
        for g in gradients:
            g *= max_norm / norm
    return norm


class Schedule:
    """Base of learning-rate schedules: a factor of the initial rate for each step taken.

    Parameters
    ----------
    optimizer : Optimizer
        Its ``lr`` at this moment is the initial rate.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.base_lr = optimizer.lr
        self.last_epoch = 0
        optimizer.lr = self.base_lr * self.factor(0)

    def factor(self, epoch: int) -> float:
        """Return the multiple of the initial rate that holds in `epoch`."""
        raise NotImplementedError(f"{type(self).__name__} does not define factor()")

    def step(self) -> None:
        """Move on by one epoch."""
        self.last_epoch += 1
        self.optimizer.lr = self.base_lr * self.factor(self.last_epoch)


class StepLR(Schedule):
    """Multiply the rate by `gamma` every `step_size` epochs.

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
    gamma : float, default 0.1

    Raises
    ------
    ValueError
        If `step_size` is below 1.

    Examples
    --------
    >>> from tinytorch.core.optimizers import SGD
    >>> optimizer = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     schedule.step()
    >>> optimizer.lr
    0.25
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        if step_size < 1:
            raise ValueError(f"StepLR: step_size must be at least 1, got {step_size!r}")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer)

    def factor(self, epoch: int) -> float:
        """Return the multiple of the initial rate that holds in `epoch`."""
        return self.gamma ** (epoch // self.step_size)


class CosineAnnealingLR(Schedule):
    """Lower the rate along half a cosine from its initial value to `eta_min` in `T_max` epochs.

    Parameters
    ----------
    optimizer : Optimizer
    T_max : int
    eta_min : float, default 0

    Raises
    ------
    ValueError
        If `T_max` is below 1.

    Notes
    -----
    Loshchilov and Hutter (2017), arXiv:1608.03983, without restarts.

    Examples
    --------
    >>> from tinytorch.core.optimizers import SGD
    >>> optimizer = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = CosineAnnealingLR(optimizer, T_max=2)
    >>> schedule.step()
    >>> round(optimizer.lr, 6)
    0.5
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        if T_max < 1:
            raise ValueError(f"CosineAnnealingLR: T_max must be at least 1, got {T_max!r}")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer)

    def factor(self, epoch: int) -> float:
        """Return the multiple of the initial rate that holds in `epoch`."""
        low = self.eta_min / self.base_lr if self.base_lr else 0.0
        return low + (1 - low) * (1 + cos(pi * epoch / self.T_max)) / 2


class LinearLR(Schedule):
    """Move the factor linearly from `start_factor` to `end_factor` in `total_iters` epochs.

    Parameters
    ----------
    optimizer : Optimizer
    start_factor : float, default 1/3
    end_factor : float, default 1
    total_iters : int, default 5

    Raises
    ------
    ValueError
        If `total_iters` is below 1.

    Examples
    --------
    >>> from tinytorch.core.optimizers import SGD
    >>> optimizer = SGD([Parameter([1.0])], lr=1.0)
    >>> schedule = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> schedule.step()
    >>> optimizer.lr
    0.75
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        if total_iters < 1:
            raise ValueError(f"LinearLR: total_iters must be at least 1, got {total_iters!r}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer)

    def factor(self, epoch: int) -> float:
        """Return the multiple of the initial rate that holds in `epoch`."""
        done = min(epoch / self.total_iters, 1.0)
        return self.start_factor + (self.end_factor - self.start_factor) * done


class Trainer:
    """The training loop.

    Parameters
    ----------
    model : Module
    optimizer : Optimizer
    loss_fn : callable, optional
        ``loss_fn(output, target) -> Tensor``, a scalar; cross-entropy by default.
    scheduler : Schedule, optional
        Moved on after every epoch.
    max_grad_norm : float, optional
        Clip the joint norm of the gradients to this.

    Examples
    --------
    >>> from tinytorch import Adam, Linear, TensorDataset, manual_seed
    >>> manual_seed(0)
    >>> model = Linear(1, 2)
    >>> data = DataLoader(TensorDataset([[-1.0], [1.0]], [0, 1]), batch_size=2)
    >>> trainer = Trainer(model, Adam(model.parameters(), lr=0.1))
    >>> history = trainer.fit(data, epochs=20)
    >>> history["loss"][-1] < history["loss"][0]
    True
    >>> trainer.evaluate(data)[1]
    1.0
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        loss_fn: Callable[[Tensor, Tensor], Tensor] | None = None,
        scheduler: Schedule | None = None,
        max_grad_norm: float | None = None,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.loss_fn = loss_fn or CrossEntropyLoss()
        self.scheduler = scheduler
        self.max_grad_norm = max_grad_norm

    def train_step(self, x: Tensor, y: Tensor) -> float:
        """Take one step on one batch; return its loss before the step."""
        self.optimizer.zero_grad()
        loss = self.loss_fn(self.model(x), y)
        loss.backward()
        if self.max_grad_norm is not None:
            clip_grad_norm_(self.optimizer.params, self.max_grad_norm)
        self.optimizer.step()
        return loss.item()

    def fit(
        self,
        loader: DataLoader,
        epochs: int,
        validation: DataLoader | None = None,
        after_epoch: Callable[[int], None] | None = None,
    ) -> dict[str, list[float]]:
        """Train for some epochs, in training mode.

        A layer that is in evaluation mode inside a model in training stays so.

        Parameters
        ----------
        loader : DataLoader
            Yields (input, target).
        epochs : int
        validation : DataLoader, optional
            Evaluated after every epoch.
        after_epoch : callable, optional
            Called with the epoch's number, from 0, before the validation.

        Returns
        -------
        dict of str to list of float
            ``loss``, and with `validation` also ``val_loss`` and ``val_accuracy``, by epoch.

        Raises
        ------
        ValueError
            If `loader` or `validation` has no batches; nothing is trained then.
        """
        _check_not_empty("Trainer.fit", loader)
        history: dict[str, list[float]] = {"loss": []}
        if validation is not None:
            _check_not_empty("Trainer.fit", validation)
            history |= {"val_loss": [], "val_accuracy": []}
        for epoch in range(epochs):
            if not self.model.training:
                self.model.train()
            losses = [self.train_step(x, y) for x, y in loader]
            history["loss"].append(float(np.mean(losses)))
            if self.scheduler is not None:
                self.scheduler.step()
            if after_epoch is not None:
                after_epoch(epoch)
            if validation is not None:
                loss, right = self.evaluate(validation)
                history["val_loss"].append(loss)
                history["val_accuracy"].append(right)
        return history

    def evaluate(self, loader: DataLoader) -> tuple[float, float]:
        """Return the mean loss and the accuracy over all items, in evaluation mode.

        Parameters
        ----------
        loader : DataLoader

        Returns
        -------
        (float, float)

        Raises
        ------
        ValueError
            If `loader` has no batches.
        """
        _check_not_empty("Trainer.evaluate", loader)
        loss, right, count = 0.0, 0.0, 0
        with evaluation_mode(self.model), no_grad():
            for x, y in loader:
                logits = self.model(x)
                loss += self.loss_fn(logits, y).item() * len(x)
                right += accuracy(logits, y) * len(x)
                count += len(x)
        return loss / count, right / count


def _check_not_empty(who: str, loader: DataLoader) -> None:
    if not len(loader):
        items = len(loader.dataset) if isinstance(loader, DataLoader) else 0
        why = f": its {items} items make no batch with drop_last=True" if items else ""
        raise ValueError(f"{who} got a loader without batches{why}")
