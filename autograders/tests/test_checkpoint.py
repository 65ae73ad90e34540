"""Checkpoint 17 passes on the labs' own functions, and fails when any one of them is wrong.

Wrong versions are misconceptions that the labs know, or stand below where none of those would do.
The versions of a lab are put in its module's place one after another, in a process of their own,
and only the part of the checkpoint that is about them is run.
"""

import os
import re
import subprocess
import sys

import pytest

from autograders.course import ROOT
from autograders.course.misconceptions import collect
from autograders.tests.checkpoint_runs import outcomes_of
from tinytorch.optimization import compression

CHECKPOINT = ROOT / "checkpoints" / "checkpoint_17_compression.py"
SOURCE = CHECKPOINT.read_text(encoding="utf-8")
# What the checkpoint takes from the labs.
PIECES = set(re.findall(r"\bcompression\.([A-Za-z_]\w*)", SOURCE))

# Piece of the API: wrong versions of it, by the name of a misconception or of an entry of OWN.
WRONG = {
    "measure_sparsity": [
        "percent_for_fraction",
        "biases_forgotten",
        "near_zero_counted",
        "shared_counted_twice",
        "empty_model_divides_by_zero",
    ],
    "storage_bytes": ["indices_for_free"],
    "pack_bitmask": ["values_by_column"],
    "unpack_bitmask": ["values_from_the_end"],
    "magnitude_prune": [
        "largest_dropped",
        "signed_instead_of_absolute",
        "quantile_threshold",
        "per_layer_instead_of_global",
        "a_copy_is_pruned",
        "zeros_without_masks",
        "validated_too_late",
    ],
    "sparsity_schedule": ["schedule_linear", "schedule_runs_on"],
    "structured_prune": [
        "rows_for_columns",
        "bias_left_alive",
        "logits_pruned",
        "masks_overwritten",
        "heads_taken_for_columns",
        "batch_norm_forgotten",
        "ratio_not_checked",
    ],
    "remove_pruned_channels": [
        "nothing_removed",
        "next_inputs_not_cut",
        "constants_dropped",
        "norm_not_cut",
    ],
    "low_rank_approximate": ["v_transposed", "singular_values_in_u", "smallest_kept", "rank_zero"],
    "KnowledgeDistillation": [
        "kl_reversed",
        "temperature_not_squared",
        "alpha_swapped",
        "sum_over_the_batch",
        "exponential_overflows",
        "graph_cut_at_the_student",
        "teacher_not_detached",
        "constructor_accepts_anything",
    ],
    "compress_model": [
        "statistics_made_up",
        "weights_before_units",
        "logits_pruned",
        "unknown_keys_ignored",
    ],
}
OWN = {
    "indices_for_free": "def storage_bytes(weight):\n"
    "    kept = 4 * int(np.count_nonzero(weight))\n"
    "    return {'dense': weight.nbytes, 'bitmask': kept, 'coo': kept, 'csr': kept}",
    "values_by_column": "def pack_bitmask(weight):\n"
    "    return np.packbits(weight != 0), weight.T[weight.T != 0]",
    "values_from_the_end": "def unpack_bitmask(bits, values, shape, right=unpack_bitmask):\n"
    "    return right(bits, values[::-1], shape)",
}
# A part of the checkpoint for each module that labs export, and an answer that is right.
PARTS = {
    "sparsity": ("TestMeasuring or TestMemory", "plain_loops"),
    "magnitude": ("TestMagnitudePruning", "ties_from_the_end"),
    "sparse_training": ("test_the_schedule", "schedule_expanded"),
    "structured": ("TestStructuredPruning", "backwards_from_the_logits"),
    "low_rank": ("TestLowRank", "gram_matrix"),
    "distillation": ("TestDistillation", "log_sum_exp_by_hand"),
    "pipeline": ("TestPipeline", "stages_in_a_table"),
}
HEADLINE = "TestAccuracyAgainstSparsity::test_seventy_percent"
HEADLINE_WRONG = ["largest_dropped", "zeros_without_masks"]
MODULE_OF = {name: (module, lab) for module, (lab, names) in compression.LABS.items()
             for name in names}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes():
    """What the checkpoint says of each version, by piece and name."""
    tasks = {}
    for piece in WRONG:
        module, lab = MODULE_OF[piece]
        versions = {a.name: "\n\n".join(a.cells.values()) for a in collect(lab)} | OWN
        part, right = PARTS[module]
        tasks[module, right] = (module, versions[right], part)
        for name in WRONG[piece]:
            tasks[piece, name] = (module, versions[name], part)
        if piece == "magnitude_prune":
            for name in HEADLINE_WRONG:
                tasks["the question", name] = (module, versions[name], HEADLINE.split("::")[1])
    return outcomes_of(CHECKPOINT, tasks)


def test_the_whole_checkpoint_passes_and_reports(tmp_path):
    copy = tmp_path / CHECKPOINT.name
    copy.write_text(SOURCE, encoding="utf-8")
    environment = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST")}
    finished = subprocess.run(
        [sys.executable, str(copy)], env=environment, capture_output=True, text=True, check=False
    )
    printed = finished.stdout
    assert finished.returncode == 0, printed
    assert "accuracy?\nYes: 70.0 % of 50,610 parameters are zero" in printed
    figure = tmp_path / "checkpoint_17_compression.png"
    assert f"The curve is drawn in {figure}" in printed
    assert figure.stat().st_size > 10_000
    measured = re.findall(r"^(?:\d\d %|[a-z\d].*,\d{3} ).*\d %$", printed, re.MULTILINE)
    assert len(measured) >= 13, "rows for models and for sparsities"
    assert "What does not hold yet" not in printed


def test_pytest_finds_it_in_its_folder():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "checkpoints"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert "checkpoint_17_compression.py::TestDistillation::" in found


def test_every_piece_has_a_wrong_version_and_is_in_the_functional_api():
    assert set(WRONG) == PIECES
    assert set(compression.__all__) >= PIECES
    assert "except" not in SOURCE


@pytest.mark.parametrize("piece", WRONG)
def test_right_versions_pass_and_wrong_ones_fail_with_an_idea_and_a_lab(piece, outcomes):
    module, lab = MODULE_OF[piece]
    right = PARTS[module][1]
    assert outcomes[module, right] == {"status": 0, "tests": [], "advice": []}
    for name in WRONG[piece]:
        outcome = outcomes[piece, name]
        assert outcome["status"] == 1, f"the checkpoint passes with {piece} as in {name}"
        (advice,) = outcome["advice"]
        assert advice.endswith(f"go back to lab {lab}.ipynb.")


@pytest.mark.parametrize("name", HEADLINE_WRONG)
def test_the_question_is_not_answered_with_yes_by_a_wrong_pruning(name, outcomes):
    assert outcomes["the question", name]["tests"] == [f"{HEADLINE}_of_the_parameters_can_go"]
