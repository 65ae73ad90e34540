"""The tensor: an array that remembers how it was computed.

Every operation stands here with its derivative beside it: the result of :func:`record` names, for
each input, the function that carries a gradient back to that input. The walk that uses them is in
:mod:`tinytorch.core.autograd`; layers, losses and optimizers are built on this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from tinytorch.core import autograd

Dim = int | tuple[int, ...] | None
_Result = TypeVar("_Result")
_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
_NUMBERS = (int, float, np.integer, np.floating, np.bool_)


def _as_array(data: Any) -> np.ndarray:
    """Return the array behind `data`: float32, or float64 if it came as a float64 array."""
    if isinstance(data, Tensor):
        return data.data
    array = np.asarray(data)
    if array.dtype.kind == "f":
        keep = array.dtype in _FLOATS and isinstance(data, np.ndarray)
        return array if keep else array.astype(np.float32)
    if array.dtype.kind not in "biu":
        raise TypeError(
            f"Tensor holds real numbers, integers or booleans, got {type(data).__name__} "
            f"of dtype {array.dtype}"
        )
    return array


def _floating(array: np.ndarray) -> np.ndarray:
    """Return an array of integers or booleans as float32, any other as it is."""
    return array if array.dtype.kind == "f" else array.astype(np.float32)


def broadcast_together(*shapes: tuple[int, ...]) -> bool:
    """Return whether arrays of these shapes broadcast; equal ones do, without a look at them."""
    if all(shape == shapes[0] for shape in shapes[1:]):
        return True
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def _values(other: Any) -> Any:
    return other.data if isinstance(other, Tensor) else other


def _with_numpy_names(function: Callable[..., _Result]) -> Callable[..., _Result]:
    """Let a function take `axis` for `dim` and `keepdims` for `keepdim`, as PyTorch's do."""

    @wraps(function)
    def renamed(*args: Any, **options: Any) -> _Result:
        for numpys, ours in (("axis", "dim"), ("keepdims", "keepdim")):
            if numpys in options:
                if ours in options:
                    raise TypeError(f"{function.__name__}() got {ours} and {numpys}, which are one")
                options[ours] = options.pop(numpys)
        return function(*args, **options)

    return renamed


class Tensor:
    """A NumPy array with a gradient.

    Parameters
    ----------
    data : array_like
        Numbers. Python floats become float32; a float64 array stays float64 (for gradient
        checks); integers and booleans stay what they are. An array is shared, not copied.
    requires_grad : bool, default False
        Whether :meth:`backward` computes a gradient for this tensor.

    Attributes
    ----------
    data : ndarray
        The values.
    grad : ndarray or None
        The gradient of the last scalar that :meth:`backward` was called on, accumulated over
        calls; only on tensors that were made with ``requires_grad=True``.
    requires_grad : bool

    Raises
    ------
    TypeError
        If `data` is not numeric, or a gradient is asked for integers.

    Notes
    -----
    Names, arguments and defaults are PyTorch's; where an argument is called `dim` or `keepdim`,
    NumPy's `axis` and `keepdims` do as well, as they do there. The design follows micrograd
    (Karpathy, 2020) and HIPS Autograd (Maclaurin, Duvenaud and Adams, 2015): the derivative stands
    beside its operation, apart from the walk over the graph.

    Examples
    --------
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> loss = (x * x).sum()
    >>> loss.backward()
    >>> x.grad
    array([[2., 4.],
           [6., 8.]], dtype=float32)

    Comparisons answer with NumPy arrays; whether two names mean one tensor is asked with ``is``.

    >>> x > 2
    array([[False, False],
           [ True,  True]])
    """

    __slots__ = ("__weakref__", "_edges", "_version", "data", "grad", "requires_grad")
    __array_ufunc__ = None  # so that `array * tensor` asks the tensor
    __hash__ = object.__hash__  # tensors are told apart by identity

    def __init__(self, data: ArrayLike | Tensor, requires_grad: bool = False) -> None:
        self.data: np.ndarray = _as_array(data)
        if requires_grad and self.data.dtype not in _FLOATS:
            raise TypeError(
                f"only floating-point tensors can require a gradient, got dtype {self.data.dtype}; "
                "write the numbers as floats"
            )
        self.grad: np.ndarray | None = None
        self.requires_grad = requires_grad
        self._edges: tuple[tuple[Tensor, autograd.Vjp], ...] = ()
        self._version = 0

    # -- the array ------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each dimension."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.data.size

    @property
    def dtype(self) -> np.dtype:
        """Type of the entries."""
        return self.data.dtype

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        values = np.array2string(self.data, separator=", ", prefix="Tensor(", precision=4)
        dtype = "" if self.data.dtype == np.float32 else f", dtype={self.data.dtype}"
        return f"Tensor({values}{dtype}{', requires_grad=True' if self.requires_grad else ''})"

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.data, dtype=dtype, copy=copy)

    def __bool__(self) -> bool:
        return bool(self.data)

    def item(self) -> float:
        """Return the value of a tensor with one entry as a Python number.

        Raises
        ------
        ValueError
            If the tensor has more than one entry.
        """
        if self.data.size != 1:
            raise ValueError(f"item() needs a tensor with one entry, got shape {self.shape}")
        return self.data.item()

    def numpy(self) -> np.ndarray:
        """Return the array itself (not a copy)."""
        return self.data

    def detach(self) -> Tensor:
        """Return a tensor that shares the array but not the graph."""
        return Tensor(self.data)

    @_with_numpy_names
    def argmax(self, dim: int | None = None) -> np.ndarray:
        """Return the index of the largest entry along `dim` (no gradient flows through it).

        Parameters
        ----------
        dim : int, optional
            By default the index is that into the flattened tensor.

        Returns
        -------
        ndarray of int

        Examples
        --------
        >>> Tensor([[1.0, 3.0], [5.0, 2.0]]).argmax(dim=1)
        array([1, 0])
        """
        return np.asarray(self.data.argmax(axis=dim))

    def to(self, dtype: DTypeLike) -> Tensor:
        """Return the tensor in float32 or float64; its gradient comes back in its own precision.

        Parameters
        ----------
        dtype : dtype
            ``np.float32`` or ``np.float64``.

        Raises
        ------
        TypeError
            If `dtype` is another one.

        Examples
        --------
        >>> Tensor([0.5]).to(np.float64).dtype
        dtype('float64')
        """
        own, wanted = self.data.dtype, np.dtype(dtype)
        if wanted not in _FLOATS:
            raise TypeError(f"to() makes float32 or float64 of a tensor, got {wanted}")
        if own == wanted:
            return self
        return record(self.data.astype(wanted), (self, lambda g: g.astype(own)))

    # -- gradients ------------------------------------------------------------------------------

    def backward(self, gradient: ArrayLike | Tensor | None = None) -> None:
        """Compute the gradient of this tensor with respect to every leaf of its graph.

        Gradients are added to ``.grad``; call an optimizer's ``zero_grad`` between steps.

        Parameters
        ----------
        gradient : array_like, optional
            Gradient with respect to this tensor, of its shape; 1 for a tensor with one entry.

        Raises
        ------
        ValueError
            If the tensor does not require a gradient, if it has several entries and `gradient`
            is missing, or if `gradient` has another shape.
        RuntimeError
            If an optimizer's step, a mask or ``load_state_dict`` has changed values since, that
            the gradient depends on. No gradient is changed then.
        """
        if not self.requires_grad:
            raise ValueError(
                "backward() needs a tensor that requires a gradient: none of the tensors it was "
                "computed from does, or it was computed under no_grad()"
            )
        if gradient is None:
            if self.data.size != 1:
                raise ValueError(
                    f"backward() on a tensor of shape {self.shape} needs the gradient argument; "
                    "without it, reduce to a scalar first, with .mean() or .sum()"
                )
            seed = np.ones_like(self.data)
        else:
            # A leaf keeps its gradient as its own; any other only hands it on.
            own = None if self._edges else True
            seed = np.array(_as_array(gradient), dtype=self.data.dtype, copy=own)
            if seed.shape != self.shape:
                raise ValueError(f"backward() on shape {self.shape} got gradient of {seed.shape}")
        autograd.backward(self, seed)

    # -- arithmetic -----------------------------------------------------------------------------

    def _operand(self, other: Any) -> tuple[Tensor, np.ndarray, np.ndarray]:
        """Return the other operand as a tensor, and both arrays in dtypes that go together.

        A Python number takes the tensor's floating-point dtype, and so do integers and booleans
        that meet one: float32 stays float32.
        """
        x = self.data
        if isinstance(other, _NUMBERS) and x.dtype.kind == "f":
            other = np.asarray(other, x.dtype)
        b = other if isinstance(other, Tensor) else Tensor(other)
        y = b.data
        if x.dtype.kind != "f" and y.dtype.kind == "f":
            x = x.astype(y.dtype)
        elif y.dtype.kind != "f" and x.dtype.kind == "f":
            y = y.astype(x.dtype)
        return b, x, y

    def _broadcast(self, other: Any, symbol: str) -> tuple[Tensor, np.ndarray, np.ndarray]:
        """Return what :meth:`_operand` does, after checking that the shapes broadcast."""
        b, x, y = self._operand(other)
        if not broadcast_together(x.shape, y.shape):
            raise ValueError(f"{symbol}: shapes {x.shape} and {y.shape} do not broadcast")
        return b, x, y

    def __add__(self, other: Any) -> Tensor:
        b, x, y = self._broadcast(other, "+")
        return record(x + y, (self, lambda g: g), (b, lambda g: g))

    def __sub__(self, other: Any) -> Tensor:
        b, x, y = self._broadcast(other, "-")
        return record(x - y, (self, lambda g: g), (b, lambda g: -g))

    def __mul__(self, other: Any) -> Tensor:
        b, x, y = self._broadcast(other, "*")
        return record(x * y, (self, lambda g: g * y, b), (b, lambda g: g * x, self))

    def __truediv__(self, other: Any) -> Tensor:
        b, x, y = self._broadcast(other, "/")
        x, y = _floating(x), _floating(y)
        out = x / y
        return record(out, (self, lambda g: g / y, b), (b, lambda g: -g * out / y, b))

    def __pow__(self, exponent: Any) -> Tensor:
        b, x, n = self._broadcast(exponent, "**")
        out = x**n

        def to_base(g: np.ndarray) -> np.ndarray:
            return g * np.where(n == 0, 0, n * x ** np.where(n == 0, 1, n - 1))

        def to_exponent(g: np.ndarray) -> np.ndarray:
            return g * np.where(x == 0, 0, out * np.log(np.where(x == 0, 1, x)))

        return record(out, (self, to_base, self, b), (b, to_exponent, self))

    def __neg__(self) -> Tensor:
        return record(-self.data, (self, lambda g: -g))

    def __radd__(self, other: Any) -> Tensor:
        return self + other

    def __rmul__(self, other: Any) -> Tensor:
        return self * other

    def __rsub__(self, other: Any) -> Tensor:
        return self._operand(other)[0] - self

    def __rtruediv__(self, other: Any) -> Tensor:
        return self._operand(other)[0] / self

    def __rpow__(self, other: Any) -> Tensor:
        return self._operand(other)[0] ** self

    def __matmul__(self, other: Any) -> Tensor:
        b, x, y = self._operand(other)
        if x.ndim == 0 or y.ndim == 0 or x.shape[-1] != y.shape[-2 if y.ndim > 1 else 0]:
            raise ValueError(f"@: shapes {x.shape} and {y.shape} do not match; inner dimensions "
                             "must be equal")  # fmt: skip
        if not broadcast_together(x.shape[:-2], y.shape[:-2]):
            raise ValueError(f"@: the stacks of matrices {x.shape} and {y.shape} do not "
                             "broadcast")  # fmt: skip
        # As stacks of matrices: a vector on the left is a row, on the right a column.
        rows = x[None] if x.ndim == 1 else x
        columns = y[:, None] if y.ndim == 1 else y

        def as_matrix(g: np.ndarray) -> np.ndarray:
            g = g[..., None, :] if x.ndim == 1 and y.ndim > 1 else g
            return g.reshape((*g.shape, 1) if y.ndim == 1 and x.ndim > 1 else g.shape)

        def to_left(g: np.ndarray) -> np.ndarray:
            if x.ndim == y.ndim == 1:
                return g * y
            grad = as_matrix(g) @ columns.swapaxes(-1, -2)
            return grad[..., 0, :] if x.ndim == 1 else grad

        def to_right(g: np.ndarray) -> np.ndarray:
            if x.ndim == y.ndim == 1:
                return g * x
            if columns.ndim == 2:  # one product instead of one per matrix of the stack
                flat = as_matrix(g).reshape(-1, columns.shape[1])
                grad = rows.reshape(-1, rows.shape[-1]).T @ flat
            else:
                grad = rows.swapaxes(-1, -2) @ as_matrix(g)
            return grad[..., 0] if y.ndim == 1 else grad

        return record(x @ y, (self, to_left, b), (b, to_right, self))

    def __rmatmul__(self, other: Any) -> Tensor:
        return Tensor(other) @ self

    # -- comparisons: questions about the values, so answered with NumPy arrays of bool -----------

    def __eq__(self, other: Any) -> Any:
        return self.data == _values(other)

    def __ne__(self, other: Any) -> Any:
        return self.data != _values(other)

    def __lt__(self, other: Any) -> Any:
        return self.data < _values(other)

    def __le__(self, other: Any) -> Any:
        return self.data <= _values(other)

    def __gt__(self, other: Any) -> Any:
        return self.data > _values(other)

    def __ge__(self, other: Any) -> Any:
        return self.data >= _values(other)

    # -- functions of each entry ----------------------------------------------------------------

    def exp(self) -> Tensor:
        """Return e to the power of each entry."""
        out = np.exp(_floating(self.data))
        return record(out, (self, lambda g: g * out))

    def log(self) -> Tensor:
        """Return the natural logarithm of each entry."""
        x = _floating(self.data)
        return record(np.log(x), (self, lambda g: g / x, self))

    def sqrt(self) -> Tensor:
        """Return the square root of each entry (derivative infinite at 0)."""
        out = np.sqrt(_floating(self.data))
        return record(out, (self, lambda g: g / (2 * out)))

    def abs(self) -> Tensor:
        """Return the absolute value of each entry (derivative 0 at 0)."""
        x = self.data
        return record(np.abs(x), (self, lambda g: g * np.sign(x), self))

    def relu(self) -> Tensor:
        """Return max(0, entry) (derivative 0 at 0)."""
        out = np.maximum(self.data, 0)
        return record(out, (self, lambda g: g * (out > 0)))

    def tanh(self) -> Tensor:
        """Return the hyperbolic tangent of each entry."""
        out = np.tanh(_floating(self.data))
        return record(out, (self, lambda g: g * (1 - out * out)))

    def sigmoid(self) -> Tensor:
        """Return 1 / (1 + exp(-entry)), computed without overflow."""
        x = _floating(self.data)
        small = np.exp(-np.abs(x))
        out = np.where(x >= 0, 1, small) / (1 + small)
        return record(out, (self, lambda g: g * out * (1 - out)))

    def clamp(self, min: float | None = None, max: float | None = None) -> Tensor:
        """Return the entries limited to [min, max] (derivative 1 inside and on the bounds).

        Parameters
        ----------
        min, max : float, optional
            A bound that is left out does not limit.

        Examples
        --------
        >>> Tensor([-2.0, 0.5, 2.0]).clamp(-1, 1)
        Tensor([-1. ,  0.5,  1. ])
        """
        x = self.data
        out = np.clip(x, min, max)
        return record(out, (self, lambda g: g * (out == x), self))

    # -- reductions -----------------------------------------------------------------------------

    @_with_numpy_names
    def sum(self, dim: Dim = None, keepdim: bool = False) -> Tensor:
        """Return the sum over `dim` (all dimensions by default).

        Parameters
        ----------
        dim : int or tuple of int, optional
            Dimensions to reduce; negative ones count from the end.
        keepdim : bool, default False
            Whether the reduced dimensions stay, with length 1.

        Examples
        --------
        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).sum(dim=0)
        Tensor([4., 6.])
        """
        x = self.data

        def to_x(g: np.ndarray) -> np.ndarray:
            return np.broadcast_to(_restore(g, x.shape, dim, keepdim), x.shape)

        return record(x.sum(axis=dim, keepdims=keepdim), (self, to_x))

    @_with_numpy_names
    def mean(self, dim: Dim = None, keepdim: bool = False) -> Tensor:
        """Return the mean over `dim` (all dimensions by default); of integers too, as float32.

        Parameters
        ----------
        dim : int or tuple of int, optional
            Dimensions to reduce; negative ones count from the end.
        keepdim : bool, default False
            Whether the reduced dimensions stay, with length 1.

        Raises
        ------
        ValueError
            If there are no entries.

        Examples
        --------
        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).mean(dim=1)
        Tensor([1.5, 3.5])
        """
        if not self.data.size:
            raise ValueError(f"mean of shape {self.shape}: there are no entries")
        total = self.sum(dim, keepdim)
        return total * (total.data.size / self.data.size)

    @_with_numpy_names
    def var(self, dim: Dim = None, correction: int = 1, keepdim: bool = False) -> Tensor:
        """Return the variance over `dim` (all dimensions by default).

        Parameters
        ----------
        dim : int or tuple of int, optional
            Dimensions to reduce; negative ones count from the end.
        correction : int, default 1
            The sum of squares is divided by count - `correction`.
        keepdim : bool, default False
            Whether the reduced dimensions stay, with length 1.

        Raises
        ------
        ValueError
            If there are not more than `correction` entries.

        Examples
        --------
        >>> Tensor([1.0, 2.0, 3.0]).var().item()
        1.0
        """
        deviation = self - self.mean(dim, keepdim=True)
        squares = (deviation * deviation).sum(dim, keepdim)
        count = self.data.size // squares.data.size
        if count <= correction:
            raise ValueError(
                f"var over {count} of the entries of shape {self.shape} needs more than "
                f"correction={correction}"
            )
        return squares * (1 / (count - correction))

    @_with_numpy_names
    def amax(self, dim: Dim = None, keepdim: bool = False) -> Tensor:
        """Return the largest entry over `dim`; entries that tie share its gradient equally.

        Parameters
        ----------
        dim : int or tuple of int, optional
            Dimensions to reduce; negative ones count from the end.
        keepdim : bool, default False
            Whether the reduced dimensions stay, with length 1.

        Examples
        --------
        >>> Tensor([[1.0, 3.0], [5.0, 2.0]]).amax(dim=1)
        Tensor([3., 5.])
        """
        x = self.data
        out = x.max(axis=dim, keepdims=True)

        def to_x(g: np.ndarray) -> np.ndarray:
            winners = x == out
            share = _restore(g, x.shape, dim, keepdim) / winners.sum(axis=dim, keepdims=True)
            return np.where(winners, share, 0).astype(g.dtype, copy=False)

        return record(out if keepdim else out.squeeze(dim), (self, to_x, self))

    @_with_numpy_names
    def softmax(self, dim: int = -1) -> Tensor:
        """Return exp(entries) normalised to sum to 1 along `dim`, computed without overflow.

        Parameters
        ----------
        dim : int, default -1

        Examples
        --------
        >>> Tensor([1000.0, 1000.0]).softmax()
        Tensor([0.5, 0.5])
        """
        x = _floating(self.data)
        out, total = relative_exp(x, dim)
        out /= total

        def to_x(g: np.ndarray) -> np.ndarray:
            grad = g - sum_along(g, dim, out)
            grad *= out
            return grad

        return record(out, (self, to_x))

    @_with_numpy_names
    def log_softmax(self, dim: int = -1) -> Tensor:
        """Return the logarithm of :meth:`softmax`, computed without overflow or log(0).

        Parameters
        ----------
        dim : int, default -1

        Examples
        --------
        >>> Tensor([1000.0, 0.0]).log_softmax()
        Tensor([    0., -1000.])
        """
        x = _floating(self.data)
        out = x - x.max(axis=dim, keepdims=True)
        out -= np.log(np.exp(out).sum(axis=dim, keepdims=True))

        def to_x(g: np.ndarray) -> np.ndarray:
            grad = np.exp(out)
            grad *= g.sum(axis=dim, keepdims=True)
            return g - grad

        return record(out, (self, to_x))

    # -- shape ----------------------------------------------------------------------------------

    def reshape(self, *shape: int | Sequence[int]) -> Tensor:
        """Return the same entries in another shape.

        Parameters
        ----------
        *shape : int, or one sequence of int
            One length may be -1: whatever is left.

        Raises
        ------
        ValueError
            If the entries do not fit.

        Examples
        --------
        >>> Tensor(np.ones((2, 6))).reshape(3, -1).shape
        (3, 4)
        """
        x = self.data
        wanted = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        try:
            out = x.reshape(cast(Any, wanted))
        except ValueError:
            raise ValueError(f"cannot reshape {x.shape} ({x.size} entries) to {wanted}") from None
        return record(out, (self, lambda g: g.reshape(x.shape)))

    def flatten(self, start_dim: int = 0) -> Tensor:
        """Return the dimensions from `start_dim` on merged into one.

        Parameters
        ----------
        start_dim : int, default 0

        Raises
        ------
        ValueError
            If there is no such dimension.

        Examples
        --------
        >>> Tensor(np.ones((2, 3, 4))).flatten(1).shape
        (2, 12)
        """
        if self.ndim and not -self.ndim <= start_dim < self.ndim:
            raise ValueError(f"flatten of shape {self.shape} has no dimension {start_dim}")
        kept = self.shape[:start_dim] if self.ndim else ()
        return self.reshape(*kept, int(np.prod(self.shape[len(kept) :])))

    def permute(self, *dims: int) -> Tensor:
        """Return the dimensions in the order `dims`.

        Parameters
        ----------
        *dims : int
            Each dimension once; negative ones count from the end.

        Raises
        ------
        ValueError
            If a dimension is missing, repeated or not there.

        Examples
        --------
        >>> Tensor(np.ones((2, 3, 4))).permute(0, -1, 1).shape
        (2, 4, 3)
        """
        try:
            out = self.data.transpose(dims)
        except ValueError:
            raise ValueError(
                f"permute of shape {self.shape} needs each of its {self.ndim} dimensions once, "
                f"got {dims}"
            ) from None
        back = np.argsort([dim % self.ndim for dim in dims])
        return record(out, (self, lambda g: g.transpose(back)))

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Return the tensor with two dimensions exchanged.

        Parameters
        ----------
        dim0, dim1 : int
            Negative ones count from the end.

        Raises
        ------
        ValueError
            If a dimension is not there.

        Examples
        --------
        >>> Tensor(np.ones((2, 3, 4))).transpose(0, -1).shape
        (4, 3, 2)
        """
        out = self.data.swapaxes(dim0, dim1)
        return record(out, (self, lambda g: g.swapaxes(dim0, dim1)))

    @property
    def T(self) -> Tensor:
        """The matrix transpose of a two-dimensional tensor."""
        if self.ndim != 2:
            raise ValueError(f".T is for matrices, got shape {self.shape}; use transpose()")
        return self.transpose(0, 1)

    def __getitem__(self, index: Any) -> Tensor:
        if isinstance(index, tuple):
            index = tuple(i.data if isinstance(i, Tensor) else i for i in index)
        elif isinstance(index, Tensor):
            index = index.data
        x = self.data

        def to_x(g: np.ndarray) -> np.ndarray:
            grad = np.zeros_like(x, dtype=g.dtype)
            if _may_repeat(index):
                np.add.at(grad, index, g)  # an entry taken twice receives both gradients
            else:
                grad[index] = g
            return grad

        return record(x[index], (self, to_x))


class Parameter(Tensor):
    """A tensor that a model learns, and that module 17 can prune.

    Parameters
    ----------
    data : array_like
        Initial values, floating point.
    requires_grad : bool, default True

    Attributes
    ----------
    mask : ndarray of bool, or None
        True where an entry may differ from zero. Assigning a mask zeroes the masked-out entries in
        the existing buffer; from then on every optimizer leaves them at exactly 0.0. Assigning
        None sets the entries free again (they stay zero until they are trained).

    Raises
    ------
    ValueError
        If a mask has another shape, or values other than 0 and 1.

    Examples
    --------
    >>> weight = Parameter([1.0, -2.0, 3.0])
    >>> buffer = weight.data
    >>> weight.mask = [True, False, True]
    >>> buffer
    array([1., 0., 3.], dtype=float32)
    """

    __slots__ = ("_mask",)

    def __init__(self, data: ArrayLike | Tensor, requires_grad: bool = True) -> None:
        super().__init__(data, requires_grad)
        self._mask: np.ndarray | None = None

    @property
    def mask(self) -> np.ndarray | None:
        """Boolean array of the parameter's shape (True: kept), or None."""
        return self._mask

    @mask.setter
    def mask(self, mask: ArrayLike | None) -> None:
        self._mask = None if mask is None else self.check_mask(mask)
        if self._mask is not None:
            before = np.count_nonzero(self.data)
            self.apply_mask()
            self._version += int(np.count_nonzero(self.data) < before)  # see autograd.Guarded

    def check_mask(self, mask: ArrayLike) -> np.ndarray:
        """Return a mask as a new boolean array, or raise as assigning it would."""
        given = np.asarray(mask)
        if given.shape != self.shape:
            raise ValueError(
                f"mask of shape {given.shape} for a parameter of shape {self.shape}; "
                "they must be equal"
            )
        kept = given.astype(bool)  # a copy: later changes of `given` do not reach it
        if given.dtype != bool and not np.array_equal(kept, given):
            raise ValueError(
                f"mask of dtype {given.dtype} has values other than 0 and 1; "
                "give True (or 1) where an entry is kept"
            )
        return kept

    def apply_mask(self) -> None:
        """Set masked-out entries to 0.0, in the existing buffer."""
        if self._mask is not None:
            np.copyto(self.data, 0.0, where=~self._mask)


def record(data: np.ndarray, *edges: tuple[Any, ...]) -> Tensor:
    """Make the result of an operation, with its derivatives.

    Parameters
    ----------
    data : ndarray
        The value of the result.
    *edges : tuple of (Tensor, function, Tensor, ...)
        One for each input: the input, and its vector-Jacobian product. The function gets the
        gradient of the result and returns that of the input, as a new array, a view of what it
        got, or what it got itself; axes along which the input was broadcast are summed for it.
        Behind it stand the tensors whose values it reads: when one of them was changed in place
        in the meantime, ``backward`` is an error and not a wrong gradient.

    Returns
    -------
    Tensor
        Part of the graph if any input requires a gradient and
        :class:`~tinytorch.core.autograd.no_grad` is not active.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> cube = record(x.data**3, (x, lambda g: g * 3 * x.data**2, x))
    >>> cube.backward([1.0, 1.0])
    >>> x.grad
    array([ 3., 12.], dtype=float32)
    """
    result = Tensor.__new__(Tensor)
    result.data = data if isinstance(data, np.ndarray) else np.asarray(data)
    result.grad = None
    result._version = 0
    if autograd.is_grad_enabled():
        result._edges = tuple(
            edge if len(edge) == 2 else _guarded(*edge) for edge in edges if edge[0].requires_grad
        )
        result.requires_grad = bool(result._edges)
    else:
        result._edges = ()
        result.requires_grad = False
    return result


def _guarded(
    tensor: Tensor, vjp: autograd.Vjp, *read: Tensor
) -> tuple[Tensor, autograd.Vjp | autograd.Guarded]:
    """Return an edge whose function is an error once what it reads was changed in place.

    Only leaves are changed in place, and of those only what is trained or may be masked.
    """
    owners = [_owner(tensor) for tensor in read]
    leaves = [t for t in owners if not t._edges and (t.requires_grad or isinstance(t, Parameter))]
    return tensor, autograd.Guarded(vjp, leaves) if leaves else vjp


def _owner(tensor: Tensor) -> Tensor:
    """Return the tensor whose array a tensor shows, itself if it is no view of another's."""
    while len(tensor._edges) == 1 and (base := tensor.data.base) is not None:
        shown = tensor._edges[0][0]
        if base is not shown.data and base is not shown.data.base:
            break
        tensor = shown
    return tensor


@_with_numpy_names
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join tensors along an existing dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of equal shape except along `dim`.
    dim : int, default 0

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If there are no tensors, or their shapes do not fit.
    TypeError
        If something is not a tensor.

    Examples
    --------
    >>> cat([Tensor([1.0]), Tensor([2.0, 3.0])])
    Tensor([1., 2., 3.])
    """
    out = np.concatenate(_arrays("cat", tensors), axis=dim)
    ends = np.cumsum([tensor.shape[dim] for tensor in tensors])

    def part(i: int) -> Callable[[np.ndarray], np.ndarray]:
        where = slice(ends[i] - tensors[i].shape[dim], ends[i])
        return lambda g: g.swapaxes(0, dim)[where].swapaxes(0, dim)

    return record(out, *((tensor, part(i)) for i, tensor in enumerate(tensors)))


@_with_numpy_names
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join tensors of one shape along a new dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of one shape.
    dim : int, default 0
        Where the new dimension stands in the result.

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If there are no tensors, or their shapes differ.
    TypeError
        If something is not a tensor.

    Examples
    --------
    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])], dim=1).shape
    (2, 2)
    """
    out = np.stack(_arrays("stack", tensors), axis=dim)

    def part(i: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda g: g.take(i, axis=dim)

    return record(out, *((tensor, part(i)) for i, tensor in enumerate(tensors)))


def where(condition: ArrayLike, x: Tensor | float, y: Tensor | float) -> Tensor:
    """Take entries of `x` where `condition` holds, else of `y` (broadcasting all three).

    Parameters
    ----------
    condition : array_like of bool
    x, y : Tensor or number
        At least one of them a tensor.

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If the shapes do not broadcast.
    TypeError
        If neither `x` nor `y` is a tensor.

    Examples
    --------
    >>> where([True, False], Tensor([1.0, 2.0]), -1.0)
    Tensor([ 1., -1.])
    """
    if isinstance(x, Tensor):
        y, chosen, other = x._operand(y)
    elif isinstance(y, Tensor):
        x, other, chosen = y._operand(x)
    else:
        raise TypeError(f"where needs a tensor, got {type(x).__name__} and {type(y).__name__}")
    mask = np.asarray(condition, dtype=bool)
    return record(
        np.where(mask, chosen, other),
        (x, lambda g: np.where(mask, g, 0)),  # g * mask would make NaN of an infinite g
        (y, lambda g: np.where(mask, 0, g)),
    )


def _arrays(name: str, tensors: Sequence[Tensor]) -> list[np.ndarray]:
    """Return the arrays behind tensors that are joined, integers cast to the floats' dtype."""
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{name} joins tensors, got {type(tensor).__name__}")
    if not tensors:
        raise ValueError(f"{name} needs at least one tensor, got none")
    dtypes = [tensor.data.dtype for tensor in tensors]
    dtype = np.result_type(*([d for d in dtypes if d.kind == "f"] or dtypes))
    return [tensor.data.astype(dtype, copy=False) for tensor in tensors]


def _may_repeat(index: Any) -> bool:
    """Return whether an index may take an entry twice, as arrays of integers can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, (list, np.ndarray)) and np.asarray(part).dtype != bool
               for part in parts)  # fmt: skip


def sum_along(x: np.ndarray, dim: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the sums along one dimension, which stays with length 1, or those of ``x * weights``.

    Over the last dimension they are dot products, in a sixth of the time of a reduction.
    """
    if x.ndim < 2 or dim not in (-1, x.ndim - 1):
        return (x if weights is None else x * weights).sum(axis=dim, keepdims=True)
    if weights is None:
        return x @ np.ones((x.shape[-1], 1), x.dtype)
    return np.vecdot(x, weights)[..., None]


def relative_exp(
    x: np.ndarray, dim: int, allowed: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return exp(x) and its sums along one dimension, but for a factor that they have in common.

    The factor keeps the largest from overflowing. It is left out where the sums show that it was
    not needed: to look for the largest entries first takes a tenth of the time.

    Parameters
    ----------
    x : ndarray of float
    dim : int
    allowed : ndarray of bool, optional
        Broadcasts with `x`; the others become 0.

    Returns
    -------
    exponentials : ndarray of the shape of `x`
    sums : ndarray
        Of length 1 along `dim`.
    """
    # What overflows is made again below; a dot product with infinity may be invalid, by processor.
    with np.errstate(over="ignore", invalid="ignore"):
        out = np.exp(x)
        if allowed is not None:
            np.copyto(out, 0, where=~allowed)
        sums = sum_along(out, dim)
    if not sums.size or (sums.min() > 1e-10 and sums.max() < 1e30):
        return out, sums
    if allowed is not None:
        x = np.where(allowed, x, -np.inf).astype(x.dtype, copy=False)
    peak = x.max(axis=dim, keepdims=True, initial=np.finfo(x.dtype).min)
    np.exp(np.subtract(x, peak, out=out), out=out)
    return out, sum_along(out, dim)


def _restore(g: np.ndarray, shape: tuple[int, ...], dim: Dim, keepdim: bool) -> np.ndarray:
    """Give a reduced gradient its dimensions back, each of length 1."""
    if keepdim or dim is None:
        return g if keepdim else g.reshape((1,) * len(shape))
    return np.expand_dims(g, dim)
