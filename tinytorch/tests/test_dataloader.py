"""Data loading: order, batches, data sets of any kind, and the split of the digits."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn import datasets
from sklearn.model_selection import train_test_split

from tinytorch import DataLoader, Dataset, Tensor, TensorDataset, load_digits, manual_seed
from tinytorch.data import digits


def numbers(n):
    """A data set whose item i is (i, i squared)."""
    return TensorDataset(np.arange(n), np.arange(n) ** 2)


@given(n=st.integers(0, 20), size=st.integers(1, 7), shuffle=st.booleans(), drop=st.booleans())
def test_an_epoch_sees_every_item_once(n, size, shuffle, drop):
    loader = DataLoader(numbers(n), batch_size=size, shuffle=shuffle, drop_last=drop)
    batches = list(loader)
    assert len(batches) == len(loader) == (n // size if drop else -(-n // size))
    assert all(len(x) == size for x, _ in batches[:-1])
    seen = [int(i) for x, _ in batches for i in x.data]
    for x, y in batches:
        assert_array_equal(y.data, x.data**2)  # what belongs together stays together
    if drop:
        assert len(seen) == n // size * size
        assert len(set(seen)) == len(seen)
    else:
        assert sorted(seen) == list(range(n))
    if not shuffle:
        assert seen == list(range(len(seen)))


def order(loader):
    return [int(i) for x, _ in loader for i in x.data]


def test_shuffling_is_new_in_each_epoch_and_repeats_with_the_seed():
    loader = DataLoader(numbers(50), batch_size=8, shuffle=True)
    first, second = order(loader), order(loader)
    assert first != second != list(range(50))
    manual_seed(0)
    assert order(loader) == first


def test_a_generator_of_its_own_decides_the_order():
    def loader(seed):
        return DataLoader(numbers(50), shuffle=True, generator=np.random.default_rng(seed))

    expected = order(loader(1))
    manual_seed(99)
    assert order(loader(1)) == expected != order(loader(2))


def test_batches_keep_shape_and_dtype():
    images = np.zeros((5, 1, 2, 2), np.float32)
    (x, y), _ = DataLoader(TensorDataset(images, np.arange(5)), batch_size=3)
    assert (x.shape, x.dtype) == ((3, 1, 2, 2), np.float32)
    assert (y.shape, y.dtype) == ((3,), np.int64)


class Squares(Dataset):
    """A data set that computes its items."""

    def __init__(self, item):
        self.item = item

    def __len__(self):
        return 3

    def __getitem__(self, index):
        assert isinstance(index, int)
        return self.item(index)


@pytest.mark.parametrize(
    ("item", "dtypes"),
    [
        (lambda i: (Tensor([i, 1.0]), i), (np.float32, np.int64)),
        (lambda i: (np.ones(2, np.float32), np.int64(i)), (np.float32, np.int64)),
        (lambda i: ([0.5, 1.5], 0.5 * i), (np.float32, np.float32)),
        (lambda i: (np.float64(i), np.ones(2)), (np.float32, np.float64)),
        (lambda i: Tensor([1.0 * i]), (np.float32,)),
        (lambda i: float(i), (np.float32,)),
    ],
)
def test_items_of_any_kind_become_batches(item, dtypes):
    first, second = DataLoader(Squares(item), batch_size=2)
    assert tuple(column.dtype for column in first) == dtypes
    assert all(len(column) == 2 for column in first)
    assert all(len(column) == 1 for column in second)


def test_items_that_do_not_stack_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        list(DataLoader(Squares(lambda i: np.ones(i + 1)), batch_size=3))
    with pytest.raises(ValueError, match="zip"):
        list(DataLoader(Squares(lambda i: (1,) * (i + 1)), batch_size=3))


@pytest.mark.parametrize("size", [0, -1, 2.0, True, "4", None])
def test_the_batch_size_is_a_positive_integer(size):
    with pytest.raises(ValueError, match="batch_size must be a positive integer, got"):
        DataLoader(numbers(3), batch_size=size)


@pytest.mark.parametrize("tensors", [(), ([1, 2], [1]), (1.0,)])
def test_tensors_of_a_data_set_have_one_length(tensors):
    with pytest.raises(ValueError, match="TensorDataset needs tensors of one length, got shapes"):
        TensorDataset(*tensors)


def test_items_by_integer_slice_and_list():
    data = numbers(5)
    assert len(data) == 5
    assert [int(t.data) for t in data[3]] == [3, 9]
    assert_array_equal(data[1:3][1].data, [1, 4])
    assert_array_equal(data[[4, 0]][0].data, [4, 0])
    with pytest.raises(IndexError):
        data[5]


def test_a_data_set_defines_its_length_and_items():
    with pytest.raises(NotImplementedError, match=r"Dataset does not define __len__\(\)"):
        len(Dataset())
    with pytest.raises(NotImplementedError, match=r"Dataset does not define __getitem__\(\)"):
        Dataset()[0]


# -- digits ---------------------------------------------------------------------------------------


def rows(*tensors):
    """The digits as a sorted list of bytes: the same list for the same digits in any order."""
    return sorted(row.tobytes() for x in tensors for row in x.data)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("test_size", [10, 500, 1787])
def test_digits_are_split_by_class_and_without_loss(seed, test_size):
    split = load_digits(test_size=test_size, seed=seed)
    assert split.x_test.shape == (test_size, 64)
    assert rows(split.x_train, split.x_test) == rows(*load_digits()[::2])
    counts = [np.bincount(y.data, minlength=10) for y in (split.y_train, split.y_test)]
    share = sum(counts) * test_size / 1797
    assert (np.abs(counts[1] - share) <= 1).all()
    assert all((count > 0).all() for count in counts)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("test_size", [10, 100, 333, 500, 898, 1787])
def test_the_split_is_that_of_scikit_learn(seed, test_size):
    x, y = datasets.load_digits(return_X_y=True)
    expected = train_test_split(x / 16, y, test_size=test_size, random_state=seed, stratify=y)
    split = load_digits(test_size=test_size, seed=seed)
    for part, array in zip((0, 2, 1, 3), expected, strict=True):
        assert_array_equal(split[part].data, array)


def test_scikit_learn_is_not_imported_but_named_where_it_is_missing(monkeypatch):
    code = "import sys, tinytorch; tinytorch.load_digits(); sys.exit('sklearn' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    monkeypatch.setattr(digits, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install scikit-learn"):
        load_digits()


def test_digits_are_float32_in_zero_to_one():
    split = load_digits()
    assert isinstance(split, digits.Digits)
    for x, y in ((split.x_train, split.y_train), (split.x_test, split.y_test)):
        assert x.dtype == np.float32
        assert y.dtype.kind == "i"
        assert (x.data.min(), x.data.max()) == (0.0, 1.0)
        assert set(y.data) == set(range(10))


def test_the_seed_decides_the_split():
    assert_array_equal(load_digits(seed=3).x_test.data, load_digits(seed=3).x_test.data)
    assert not np.array_equal(load_digits(seed=3).x_test.data, load_digits(seed=4).x_test.data)


def test_images_are_the_same_pixels():
    flat, images = load_digits(), load_digits(flatten=False)
    assert images.x_test.shape == (500, 1, 8, 8)
    assert_array_equal(images.x_test.data.reshape(500, 64), flat.x_test.data)


@pytest.mark.parametrize("size", [9, 1788, 0.3, -1])
def test_a_split_without_every_class_is_refused(size):
    with pytest.raises(ValueError, match=rf"test_size must be in \[10, 1787\], got {size}"):
        load_digits(test_size=size)
