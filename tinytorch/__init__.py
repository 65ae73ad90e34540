"""tinytorch: a deep-learning stack small enough to read, on NumPy alone.

Names, arguments and defaults are PyTorch's. Modules 01 to 16 of the course built it; module 17,
:mod:`tinytorch.optimization.compression`, is exported from the labs.
"""

from tinytorch.core.activations import GELU, ReLU, Sigmoid, Softmax, Tanh
from tinytorch.core.attention import MultiHeadAttention, scaled_dot_product_attention
from tinytorch.core.autograd import no_grad
from tinytorch.core.dataloader import DataLoader, Dataset, TensorDataset
from tinytorch.core.layers import (
    Dropout,
    LayerNorm,
    Linear,
    Module,
    Sequential,
    evaluation_mode,
    observe_inputs,
)
from tinytorch.core.losses import BinaryCrossEntropyLoss, CrossEntropyLoss, KLDivLoss, MSELoss
from tinytorch.core.memory import keep_freed_memory
from tinytorch.core.optimizers import SGD, Adam, AdamW, Optimizer
from tinytorch.core.random import manual_seed
from tinytorch.core.spatial import AvgPool2d, BatchNorm2d, Conv2d, Flatten, MaxPool2d
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
from tinytorch.models.transformer import GPT, TransformerBlock
from tinytorch.notebook import put_messages_first
from tinytorch.text.embedding import Embedding

__all__ = [
    "Adam",
    "AdamW",
    "AvgPool2d",
    "BatchNorm2d",
    "BinaryCrossEntropyLoss",
    "Conv2d",
    "CosineAnnealingLR",
    "CrossEntropyLoss",
    "DataLoader",
    "Dataset",
    "Dropout",
    "Embedding",
    "Flatten",
    "GELU",
    "GPT",
    "KLDivLoss",
    "LayerNorm",
    "Linear",
    "LinearLR",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "MultiHeadAttention",
    "Optimizer",
    "Parameter",
    "ReLU",
    "SGD",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "StepLR",
    "Tanh",
    "Tensor",
    "TensorDataset",
    "Trainer",
    "TransformerBlock",
    "accuracy",
    "cat",
    "clip_grad_norm_",
    "evaluation_mode",
    "load_digits",
    "manual_seed",
    "no_grad",
    "observe_inputs",
    "scaled_dot_product_attention",
    "stack",
    "where",
]

keep_freed_memory()
put_messages_first()
