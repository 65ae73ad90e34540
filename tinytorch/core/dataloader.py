"""Data loading, module 08: from a data set to shuffled batches of tensors.

Leans on :mod:`tinytorch.core.tensor`; the trainer iterates over what is made here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tinytorch.core import random
from tinytorch.core.tensor import Tensor


class Dataset:
    """Base of data sets: a length, and an item for each index below it."""

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} does not define __len__()")

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not define __getitem__()")


class TensorDataset(Dataset):
    """Tensors whose first dimensions run in parallel: item i is the i-th entry of each.

    Parameters
    ----------
    *tensors : Tensor or array_like
        All of the same length.

    Raises
    ------
    ValueError
        If there are none, or their lengths differ.

    Examples
    --------
    >>> data = TensorDataset([[1.0], [2.0], [3.0]], [0, 1, 0])
    >>> x, y = data[[0, 2]]
    >>> x.shape, y.data
    ((2, 1), array([0, 0]))
    """

    def __init__(self, *tensors: Tensor | ArrayLike) -> None:
        self.tensors = [t if isinstance(t, Tensor) else Tensor(t) for t in tensors]
        shapes = [t.shape for t in self.tensors]
        if not shapes or any(not shape for shape in shapes) or len({s[0] for s in shapes}) != 1:
            raise ValueError(f"TensorDataset needs tensors of one length, got shapes {shapes}")

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, index: int | slice | Sequence[int] | np.ndarray) -> tuple[Tensor, ...]:
        return tuple(Tensor(np.asarray(t.data[index])) for t in self.tensors)


class DataLoader:
    """Batches of a data set, in a new order each time when shuffled.

    Parameters
    ----------
    dataset : Dataset
    batch_size : int, default 1
    shuffle : bool, default False
    drop_last : bool, default False
        Whether to leave out a last batch that is not full.
    generator : numpy.random.Generator, optional
        Source of the order; the stack's own by default (see
        :func:`~tinytorch.core.random.manual_seed`).

    Raises
    ------
    ValueError
        If `batch_size` is not a positive integer.

    Examples
    --------
    >>> loader = DataLoader(TensorDataset([[1.0], [2.0], [3.0]], [0, 1, 0]), batch_size=2)
    >>> [x.shape for x, y in loader]
    [(2, 1), (1, 1)]
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        generator: np.random.Generator | None = None,
    ) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(
                f"DataLoader: batch_size must be a positive integer, got {batch_size!r}"
            )
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.generator = generator

    def __len__(self) -> int:
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        order = np.arange(len(self.dataset))
        if self.shuffle:
            (self.generator or random.generator()).shuffle(order)
        for i in range(len(self)):
            batch = order[i * self.batch_size : (i + 1) * self.batch_size]
            if isinstance(self.dataset, TensorDataset):
                yield self.dataset[batch]
            else:
                yield _collate([self.dataset[int(index)] for index in batch])


def _collate(items: Sequence[Any]) -> tuple[Tensor, ...]:
    """Stack items, each a tuple of tensors, arrays or numbers, into a batch."""
    columns = zip(*items, strict=True) if isinstance(items[0], (tuple, list)) else [items]
    return tuple(Tensor(np.stack([Tensor(value).data for value in column])) for column in columns)
