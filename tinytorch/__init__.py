"""tinytorch: a deep-learning stack small enough to read, on NumPy alone.

Names, arguments and defaults are PyTorch's. Modules 01 to 16 of the course built it; module 17,
:mod:`tinytorch.optimization.compression`, is exported from the labs.
"""

from tinytorch.core.activations import GELU, ReLU, Sigmoid, Softmax, Tanh
from tinytorch.core.autograd import no_grad
from tinytorch.core.dataloader import DataLoader, Dataset, TensorDataset
from tinytorch.core.layers import Dropout, LayerNorm, Linear, Module, Sequential
from tinytorch.core.losses import BinaryCrossEntropyLoss, CrossEntropyLoss, KLDivLoss, MSELoss
from tinytorch.core.optimizers import SGD, Adam, AdamW, Optimizer
from tinytorch.core.random import manual_seed
from tinytorch.core.tensor import Parameter, Tensor, cat, stack, where
from tinytorch.core.training import (
    CosineAnnealingLR,
    LinearLR,
    StepLR,
    Trainer,
    accuracy,
    clip_grad_norm_,
)
from tinytorch.data import load_digits

__all__ = [
    "GELU",
    "SGD",
    "Adam",
    "AdamW",
    "BinaryCrossEntropyLoss",
    "CosineAnnealingLR",
    "CrossEntropyLoss",
    "DataLoader",
    "Dataset",
    "Dropout",
    "KLDivLoss",
    "LayerNorm",
    "Linear",
    "LinearLR",
    "MSELoss",
    "Module",
    "Optimizer",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "StepLR",
    "Tanh",
    "Tensor",
    "TensorDataset",
    "Trainer",
    "accuracy",
    "cat",
    "clip_grad_norm_",
    "load_digits",
    "manual_seed",
    "no_grad",
    "stack",
    "where",
]
