"""Hypothesis strategies for the stack's tests: arrays of random shape, dtype and memory layout.

Values come from a seeded generator, which is quick and stays away from the extremes that only test
floating-point rounding; Hypothesis varies and shrinks shapes, dtypes and layouts.
"""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

LAYOUTS = ("C", "F", "strided", "reversed")


def laid_out(array, layout):
    """Return an equal array whose memory is laid out in another way."""
    if layout == "F":
        return np.asfortranarray(array)
    if layout == "strided" and array.ndim:
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        return wide[..., ::2]
    if layout == "reversed" and array.ndim:
        return np.ascontiguousarray(array[::-1])[::-1]
    return array


@st.composite
def arrays(draw, shape, dtype=np.float32, low=-2.0, high=2.0):
    """Draw an array of a shape (or a strategy of shapes), uniform in [low, high], in any layout."""
    shape = draw(shape) if isinstance(shape, st.SearchStrategy) else shape
    dtype = draw(dtype) if isinstance(dtype, st.SearchStrategy) else dtype
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    array = rng.uniform(low, high, shape).astype(dtype)
    return laid_out(array, draw(st.sampled_from(LAYOUTS)))


def shapes(min_dims=0, max_dims=3, max_side=4):
    """Draw a shape without empty dimensions."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=1, max_side=max_side)


@st.composite
def broadcastable(draw, dtype=np.float32, low=-2.0, high=2.0, n=2):
    """Draw arrays whose shapes broadcast, each of them possibly the one that is stretched."""
    found = draw(hnp.mutually_broadcastable_shapes(num_shapes=n, max_dims=3, max_side=3))
    return [draw(arrays(shape, dtype, low, high)) for shape in found.input_shapes]


@st.composite
def matmul_operands(draw, dtype=np.float32):
    """Draw two arrays that `@` takes: vectors, matrices, stacks that broadcast."""
    signature = hnp.mutually_broadcastable_shapes(signature="(m?,k),(k,n?)->(m?,n?)", max_dims=2,
                                                  max_side=3)  # fmt: skip
    return [draw(arrays(shape, dtype)) for shape in draw(signature).input_shapes]


floats = st.sampled_from([np.float32, np.float64])
