"""Losses: formulas, gradients, reductions, extremes, and labels that do not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tinytorch import BinaryCrossEntropyLoss, CrossEntropyLoss, KLDivLoss, MSELoss, Tensor
from tinytorch.core.losses import class_labels
from tinytorch.testing import check_gradients
from tinytorch.tests.strategies import arrays, floats, shapes

REDUCE = {"mean": np.mean, "sum": np.sum, "none": lambda x: x}


def pair(data, low, high, dtype=np.float64):
    """Two arrays of one shape."""
    first = data.draw(arrays(shapes(min_dims=1), dtype, low, high))
    return first, data.draw(arrays(first.shape, dtype, low, high))


@pytest.mark.parametrize("reduction", REDUCE)
@given(data=st.data())
def test_mse(reduction, data):
    prediction, target = pair(data, -2, 2)
    loss = MSELoss(reduction)
    x, y = (Tensor(array, requires_grad=True) for array in (prediction, target))
    assert_allclose(loss(x, target).data, REDUCE[reduction]((prediction - target) ** 2))
    check_gradients(loss, x, y)


@pytest.mark.parametrize("reduction", REDUCE)
@given(data=st.data())
def test_binary_cross_entropy(reduction, data):
    p, y = pair(data, 0.05, 0.95)
    loss = BinaryCrossEntropyLoss(reduction)
    expected = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    x = Tensor(p, requires_grad=True)
    assert_allclose(loss(x, y).data, REDUCE[reduction](expected))
    check_gradients(lambda x: loss(x, y), x)


@pytest.mark.parametrize("reduction", [*REDUCE, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
@given(data=st.data())
def test_kl_divergence(reduction, log_target, data):
    p, q = pair(data, 0.05, 0.95)
    loss = KLDivLoss(reduction, log_target)
    reduce = REDUCE.get(reduction, lambda x: x.sum() / len(x))
    x = Tensor(np.log(q), requires_grad=True)
    y = Tensor(np.log(p) if log_target else p, requires_grad=True)
    assert_allclose(loss(x, y).data, reduce(p * (np.log(p) - np.log(q))), atol=1e-12)
    check_gradients(loss, x, y)


@pytest.mark.parametrize("reduction", REDUCE)
@given(data=st.data())
def test_cross_entropy(reduction, data):
    array = data.draw(arrays(shapes(min_dims=2), np.float64))
    labels = np.arange(array[..., 0].size).reshape(array.shape[:-1]) % array.shape[-1]
    loss = CrossEntropyLoss(reduction)
    logits = Tensor(array, requires_grad=True)
    softmax = np.exp(array) / np.exp(array).sum(-1, keepdims=True)
    one_hot = np.eye(array.shape[-1])[labels]
    expected = REDUCE[reduction](-(one_hot * np.log(softmax)).sum(-1))
    for target in (labels, Tensor(labels), one_hot, one_hot.astype(int)):
        assert_allclose(loss(logits, target).data, expected, atol=1e-12)
    check_gradients(lambda x: loss(x, labels), logits)

    logits.grad = None
    loss(logits, labels).sum().backward()
    scale = labels.size if reduction == "mean" else 1
    assert_allclose(logits.grad, (softmax - one_hot) / scale, atol=1e-12)


@pytest.mark.parametrize(
    "loss", [MSELoss(), BinaryCrossEntropyLoss(), KLDivLoss(), CrossEntropyLoss()], ids=repr
)
@given(dtype=floats, rows=st.integers(1, 4))
def test_precision_is_the_predictions_whatever_the_target_is(loss, dtype, rows):
    x = Tensor(np.full((rows, 2), 0.5, dtype), requires_grad=True)
    for target in (np.eye(2)[[0] * rows], np.eye(2, dtype=int)[[1] * rows], [[0, 1]] * rows):
        x.grad = None
        out = loss(x, target)
        out.backward()
        assert out.shape == ()
        assert out.dtype == x.grad.dtype == dtype


# -- extremes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [0, 1])
def test_cross_entropy_of_huge_logits(label):
    logits = Tensor([[1000.0, -1000.0]], requires_grad=True)
    loss = CrossEntropyLoss()(logits, [label])
    loss.backward()
    assert loss.item() == 2000.0 * label
    assert_array_equal(logits.grad, [[label, -label]])


def test_binary_cross_entropy_at_zero_and_one():
    p = Tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    loss = BinaryCrossEntropyLoss("none")(p, [0, 1, 1, 0])
    assert_array_equal(loss.data, [0, 0, 100, 100])
    loss.sum().backward()
    assert np.isfinite(p.grad).all()
    assert (np.sign(p.grad) == [0, 0, -1, 1]).all()


def test_binary_cross_entropy_after_a_sigmoid_far_out():
    """A sigmoid that rounds to 0 would cost 100 here, where 30 is right."""
    x = Tensor([-30.0], requires_grad=True)
    loss = BinaryCrossEntropyLoss()(x.sigmoid(), [1])
    loss.backward()
    assert_allclose(loss.item(), 30, rtol=1e-5)


def test_kl_divergence_with_zero_targets():
    x = Tensor([[-1.0, -2.0, -3.0]], requires_grad=True)
    loss = KLDivLoss("sum")(x, [[0.0, 1.0, 0.0]])
    loss.backward()
    assert loss.item() == 2.0
    assert_array_equal(x.grad, [[0.0, -1.0, 0.0]])


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [MSELoss(), BinaryCrossEntropyLoss(), KLDivLoss()], ids=repr)
def test_shapes_must_be_equal(loss):
    x = Tensor(np.full((4, 1), 0.5), requires_grad=True)
    with pytest.raises(ValueError, match=r"Loss got prediction of shape \(4, 1\) and .* \(4,\)"):
        loss(x, np.full(4, 0.5))


@pytest.mark.parametrize(
    "loss", [MSELoss, BinaryCrossEntropyLoss, KLDivLoss, CrossEntropyLoss], ids=lambda c: c.__name__
)
def test_what_every_loss_refuses(loss):
    with pytest.raises(ValueError, match=f"{loss.__name__}: reduction must be one of mean.*'max'"):
        loss("max")
    with pytest.raises(TypeError, match=f"{loss.__name__}.*expects a Tensor, got ndarray"):
        loss()(np.ones((2, 2)), np.ones((2, 2)))
    with pytest.raises(TypeError, match="expects floating-point input, got dtype int64"):
        loss()(Tensor([[1, 0]]), [[1, 0]])
    labels = np.zeros((0, 3)) if loss is not CrossEntropyLoss else np.zeros(0, int)
    with pytest.raises(ValueError, match="empty batch"):
        loss()(Tensor(np.ones((0, 3))), labels)
    assert loss("sum")(Tensor(np.ones((0, 3))), labels).item() == 0.0


def test_an_empty_batch_has_no_batchmean():
    with pytest.raises(ValueError, match="empty batch"):
        KLDivLoss("batchmean")(Tensor(np.ones((0, 3))), np.ones((0, 3)))
    with pytest.raises(ValueError, match="MSELoss: reduction"):
        MSELoss("batchmean")


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
def test_binary_cross_entropy_needs_probabilities(wrong):
    with pytest.raises(ValueError, match=r"probabilities in \[0, 1\].*apply a Sigmoid first"):
        BinaryCrossEntropyLoss()(Tensor([0.5, wrong]), [1, 1])


def test_kl_divergence_refuses_log_probabilities_as_probabilities():
    log = Tensor([[0.5, 0.5]]).log()
    with pytest.raises(ValueError, match=r"target of probabilities, got -0.69.*log_target=True"):
        KLDivLoss()(log, log)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 3], r"must lie in 0\.\.2 for 3 classes, got 0\.\.3"),
        ([-1, 0], r"must lie in 0\.\.2 for 3 classes, got -1\.\.0"),
        ([0], r"shape \(1,\).*\(2, 3\).*class indices of shape \(2,\)"),
        ([[0], [1]], r"shape \(2, 1\)"),
        ([0.5, 1.0], "whole numbers, got dtype float64"),
        ([np.nan, 1.0], "whole numbers, got dtype float64"),
        ([[1, 1, 0], [0, 0, 1]], "exactly one 1 in each row"),
        ([[0, 0, 0], [0, 0, 1]], "exactly one 1 in each row"),
        ([[0.5, 0.5, 0], [0, 0, 1]], "exactly one 1 in each row"),
    ],
)
def test_labels_that_do_not_fit(labels, words):
    with pytest.raises(ValueError, match=words):
        CrossEntropyLoss()(Tensor(np.ones((2, 3))), labels)
    with pytest.raises(ValueError, match=words):
        class_labels(labels, n_classes=3, batch=2)


@pytest.mark.parametrize("shape", [(3,), ()])
def test_cross_entropy_needs_a_batch(shape):
    with pytest.raises(ValueError, match=r"logits of shape \(batch, classes\), got \("):
        CrossEntropyLoss()(Tensor(np.ones(shape)), [0])


def test_whole_numbers_are_labels_in_any_dtype():
    for labels in ([2, 0], [2.0, 0.0], np.array([2, 0], np.uint8), Tensor([2, 0])):
        assert_array_equal(class_labels(labels, n_classes=3, batch=2), [2, 0])
