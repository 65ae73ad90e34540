"""Module 17, compression: the functions that students write in the labs, in ``modules/``.

Each lab exports one module beside this file (``python -m tinytorch.export``); a name is looked up
in its lab's module when it is first asked for, so a student who has finished two labs has the
functions of two labs, and asking for a third says which lab to finish.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

# module: (the lab that exports it, the names that belong to the functional API)
LABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sparsity": (
        "01_sparsity",
        ("measure_sparsity", "layer_sparsity", "storage_bytes", "pack_bitmask", "unpack_bitmask"),
    ),
    "magnitude": (
        "02_magnitude_pruning",
        ("magnitude_prune", "keep_largest", "sensitivity_scan"),
    ),
    "sparse_training": (
        "03_sparse_training",
        (
            "sparsity_schedule",
            "iterative_prune",
            "finetune",
            "freeze_zeros",
            "masked_step",
            "rewind",
        ),
    ),
    "structured": (
        "04_structured_pruning",
        ("structured_prune", "remove_pruned_channels", "unit_norms", "silence_units"),
    ),
    "low_rank": (
        "05_low_rank",
        ("low_rank_approximate", "LowRankLinear", "factorize_model"),
    ),
    "distillation": (
        "06_distillation",
        ("KnowledgeDistillation", "distill", "soft_target_loss", "soft_log_probabilities"),
    ),
    "pipeline": ("07_deep_compression", ("compress_model",)),
    "forgetting": (
        "09_what_is_forgotten",
        (
            "perplexity",
            "next_word_log_probabilities",
            "knowledge_by_kind",
            "prune_weights",
            "part_scan",
        ),
    ),
    "calibrated": (
        "10_pruning_with_data",
        (
            "input_grams",
            "keep_in_each_output",
            "wanda_prune",
            "make_outliers",
            "remove_weight",
            "inverse_factor",
            "repair",
            "sparsegpt_prune",
            "sparsegpt_in_order",
        ),
    ),
    "few_bits": (
        "11_few_bits",
        (
            "gptq_quantize",
            "smooth",
            "gptq_round",
            "find_scales",
            "to_integers",
            "pack_nibbles",
            "unpack_nibbles",
            "move_scale",
            "count_bytes",
        ),
    ),
    "speculation": (
        "12_draft_and_verify",
        ("speculative_generate", "on_policy_distill", "acceptance_rate", "divergence"),
    ),
}
_MODULE_OF = {name: module for module, (_, names) in LABS.items() for name in names}

__all__ = ["CompressionComplete", *_MODULE_OF]


def __getattr__(name: str) -> Any:
    if name == "CompressionComplete":
        return importlib.import_module(f"{__name__}.facade").CompressionComplete
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = f"{__name__}.{_MODULE_OF[name]}"
    try:
        exported = importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = str(error.name).removeprefix(f"{__name__}.")
        if missing not in LABS:  # not a lab's module, but something that one imports
            raise
        lab = LABS[missing][0]  # the one asked for, or an earlier one that it builds on
        raise ImportError(
            f"{name} is not there yet: finish lab {lab}.ipynb, then run its last cell or "
            f"`python -m tinytorch.export {lab}.ipynb` in its folder",
            name=error.name,
        ) from None
    if not hasattr(exported, name):
        lab = LABS[_MODULE_OF[name]][0]
        raise ImportError(
            f"{name} is not in what lab {lab}.ipynb exported: put `#| export` on top of the cell "
            "that defines it, save the lab and export it again",
            name=module,
        )
    return getattr(exported, name)


def __dir__() -> list[str]:
    exported = {module for module in LABS if find_spec(f"{__name__}.{module}")}
    ready = [name for name, module in _MODULE_OF.items() if module in exported]
    return sorted([*globals(), "CompressionComplete", *ready])
