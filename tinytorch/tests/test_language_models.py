"""The stored language models are what their recipes make, and a training can be cut off."""

import json
import os
from dataclasses import asdict, replace
from math import log

import numpy as np
import pytest

import tinytorch.language.__main__ as command
from tinytorch import Module, Tensor, manual_seed, no_grad, observe_inputs
from tinytorch.core import random
from tinytorch.language import Kind, load_language_model, measure, model_card, read, write
from tinytorch.language import training as recipes
from tinytorch.language.files import read_arrays, write_arrays
from tinytorch.language.grammar import WORDS, fact_questions
from tinytorch.language.stored import STORED, read_model, write_model
from tinytorch.language.training import RECIPES, Recipe, Training, drills

TINY = Recipe(embed_dim=8, num_heads=2, num_layers=1, steps=6, batch=4, warmup=2,
              drill_steps=1, mixed_steps=2, drill_share=0.5)  # fmt: skip


@pytest.fixture(scope="module")
def truth():
    return read(write(40, 65, seed=11))


def weights(model):
    return np.concatenate([p.data.ravel() for p in model.parameters()])


# The stored models -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RECIPES)
def test_stored_model_begins_as_its_recipe_does(name):
    """The same texts, first weights and steps; other kernels differ in the last digits."""
    card = model_card(name)
    assert card["recipe"] == asdict(RECIPES[name])
    training = Training(RECIPES[name])
    losses = [training.step() for _ in range(6)]
    np.testing.assert_allclose(losses, card["first_losses"][:6], rtol=1e-4)


@pytest.mark.parametrize("name", RECIPES)
def test_stored_weights_have_the_stored_losses(name):
    model, card = read_model(STORED / f"{name}.npz")
    found, said = measure(model, command.held_out()), card["measured"]
    assert found["floor"] == pytest.approx(said["floor"], abs=1e-9)
    assert found["loss"] == pytest.approx(said["loss"], abs=1e-4)
    assert (found["facts"], found["rare_facts"]) == (said["facts"], said["rare_facts"])
    assert found["kinds"].keys() == said["kinds"].keys() == {kind.name for kind in Kind}
    for kind, of in found["kinds"].items():
        assert of["words"] == said["kinds"][kind]["words"]
        assert of["loss"] == pytest.approx(said["kinds"][kind]["loss"], abs=1e-3)
        assert of["right"] == pytest.approx(said["kinds"][kind]["right"], abs=3e-3)


@pytest.mark.parametrize("name", RECIPES)
def test_stored_model_is_small_and_new_at_each_call(name):
    assert (STORED / f"{name}.npz").stat().st_size < 1e6
    model, other = load_language_model(name), load_language_model(name)
    assert not model.training
    assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(weights(model), weights(other))
    model.token_embedding.weight.data[...] = 0
    assert weights(other).any()
    assert np.abs(weights(other) - weights(load_language_model(name, trained=False))).max() > 0.1


def test_loading_leaves_the_stacks_own_numbers_alone():
    manual_seed(3)
    expected = random.generator().random(2)
    manual_seed(3)
    first = random.generator().random()
    load_language_model("small")
    load_language_model("small", trained=False)
    assert [first, random.generator().random()] == expected.tolist()


@pytest.mark.parametrize("function", [load_language_model, model_card])
def test_unknown_model_is_named_with_those_that_are_there(function):
    with pytest.raises(ValueError, match="no language model 'huge'; there are large, small"):
        function("huge")


# What is measured --------------------------------------------------------------------------------


class Known(Module):
    """Says what it is told of some texts, and nothing of others."""

    def __init__(self, tokens, probabilities):
        self.logits = np.log(np.maximum(probabilities, 1e-30)).astype(np.float32)
        self.rows = {text[:-1].tobytes(): i for i, text in enumerate(tokens)}

    def forward(self, tokens):
        rows = [self.rows.get(text.tobytes()) for text in tokens]
        shape = (*tokens.shape, len(WORDS))
        blank = np.zeros(shape[1:], np.float32)
        return Tensor(np.stack([blank if i is None else self.logits[i, 1:] for i in rows]))


def test_a_model_that_knows_the_language_is_at_the_floor(truth):
    found = measure(Known(truth.tokens, truth.probabilities), truth)
    assert found["loss"] == pytest.approx(found["floor"], abs=1e-5)
    for kind in found["kinds"].values():
        assert kind["loss"] == pytest.approx(kind["floor"], abs=1e-5)
        assert kind["right"] == 1
    assert sum(kind["words"] for kind in found["kinds"].values()) == 40 * 64


def test_a_model_that_knows_nothing(truth):
    found = measure(Known(truth.tokens, np.ones_like(truth.probabilities)), truth)
    assert found["loss"] == pytest.approx(log(153), abs=1e-5)
    assert found["facts"] == found["rare_facts"] == 0
    assert found["kinds"]["FREQUENT_FACT"]["right"] == found["kinds"]["COPY"]["right"] == 0


def test_facts_are_asked_of_every_town(truth):
    prompts, rivers = fact_questions()
    whole = np.concatenate([prompts, rivers[:, None]], axis=1)
    said = read(whole).probabilities
    said[40:, -1] = 0
    found = measure(Known(whole, said), truth)
    assert (found["facts"], found["rare_facts"]) == (40 / 60, 10 / 30)


def test_measuring_changes_nothing(truth):
    model = load_language_model("small").train()
    before = weights(model).copy()
    measure(model, truth)
    assert model.training
    assert all(p.grad is None for p in model.parameters())
    np.testing.assert_array_equal(weights(model), before)
    with pytest.raises(ValueError, match=r"two words at least, got shape \(1, 1\)"):
        measure(model, read(write(1, 1)))


# Training ----------------------------------------------------------------------------------------


def test_training_that_was_cut_off_goes_on_the_same_in_every_bit(tmp_path):
    whole, begun = Training(TINY), Training(TINY)
    losses = list(whole)
    for _ in range(2):
        begun.step()
    begun.save(tmp_path / "kept.npz")
    begun.step()  # is lost
    rest = Training.load(TINY, tmp_path / "kept.npz")
    assert rest.losses == losses[:2]
    assert [*rest.losses, *rest] == losses
    np.testing.assert_array_equal(weights(rest.model), weights(whole.model))


def test_training_before_its_first_step_is_kept_too(tmp_path):
    Training(TINY).save(tmp_path / "kept.npz")
    assert list(Training.load(TINY, tmp_path / "kept.npz")) == list(Training(TINY))


def test_seed_decides_a_training():
    other = replace(TINY, seed=1)
    assert list(Training(TINY)) != list(Training(other))
    assert list(Training(other)) == list(Training(other))


def test_rate_rises_then_falls_to_nothing():
    rates = [RECIPES["large"].lr_at(step) for step in range(RECIPES["large"].steps)]
    peak = int(np.argmax(rates))
    assert abs(peak - RECIPES["large"].warmup) <= 1
    assert (np.diff(rates[: peak + 1]) > 0).all()
    assert (np.diff(rates[peak:]) < 0).all()
    assert rates[peak] == pytest.approx(2e-3, rel=1e-2)
    assert rates[-1] < 1e-9


def test_drills_come_first_then_some_then_none():
    texts = [TINY.texts(step) for step in range(4)]
    assert {t.shape for t in texts} == {(4, 65)}
    np.testing.assert_array_equal(texts[0], drills(4, 65, (0, 0, 1)))
    for step in (1, 2):
        np.testing.assert_array_equal(texts[step][:2], drills(2, 65, (0, step, 1)))
        read(texts[step][2:])
    read(texts[3])
    assert not np.array_equal(texts[3], TINY.texts(4))


@pytest.mark.parametrize("name", RECIPES)
def test_first_head_begins_by_looking_at_the_word_before(name):
    model, seen = load_language_model(name, trained=False), {}
    with observe_inputs(model, lambda layer, x: seen.setdefault(layer, x.data)), no_grad():
        model(write(8, 64, seed=1))
    attention, x = model.blocks[0].attention, seen["blocks.0.attention.q_proj"]
    head = slice(attention.head_dim)
    queries, keys = (
        x @ p.weight.data[:, head] + p.bias.data[head] for p in (attention.q_proj, attention.k_proj)
    )
    scores = queries @ keys.swapaxes(-1, -2) / np.sqrt(attention.head_dim)
    seen_by = Tensor(np.where(np.tri(64, dtype=bool), scores, -1e9)).softmax().data
    before = np.diagonal(seen_by, offset=-1, axis1=1, axis2=2)
    assert before.mean() > 0.6


def test_drills_repeat_a_list_of_different_words():
    for text in drills(200, 65, seed=0):
        period = next(p for p in range(1, 65) if (text[p:] == text[:-p]).all())
        assert 3 <= period <= 11
        assert len(set(text.tolist())) == period
    assert len(np.unique(drills(200, 65, seed=0))) == 153


def test_steps_lower_the_loss():
    losses = list(
        Training(replace(TINY, embed_dim=16, steps=60, drill_steps=0, mixed_steps=0, lr=1e-2))
    )
    assert losses[0] == pytest.approx(log(153), abs=0.1)
    assert np.mean(losses[-5:]) < losses[0] - 1


# The command -------------------------------------------------------------------------------------


@pytest.fixture
def tiny_command(tmp_path, monkeypatch, capsys):
    """The command with one small recipe; returns its status and what it printed."""
    monkeypatch.setattr(command, "RECIPES", {"large": TINY})
    monkeypatch.setattr(command, "KEPT_EVERY", 2)
    monkeypatch.setattr(command, "held_out", lambda n=8: read(write(8, 65, seed=1_000_000)))

    def run(*names):
        folders = ["--kept", str(tmp_path / "kept"), "--to", str(tmp_path)]
        return command.main([*names, *folders]), capsys.readouterr().out

    return run


def test_command_stores_what_the_recipe_makes(tiny_command, tmp_path):
    status, printed = tiny_command("large")
    assert status == 0
    assert "frequent fact" in printed
    model, card = read_model(tmp_path / "large.npz")
    whole = Training(TINY)
    assert card["first_losses"] == list(whole)
    half_precision = {"rtol": 5e-4, "atol": 1e-6}
    np.testing.assert_allclose(weights(model), weights(whole.model), **half_precision)
    assert not list((tmp_path / "kept").iterdir())


def test_command_that_was_stopped_goes_on(tiny_command, tmp_path, monkeypatch):
    step = Training.step

    def stopped_at_five(self):
        if len(self.losses) == 5:
            raise KeyboardInterrupt
        return step(self)

    monkeypatch.setattr(Training, "step", stopped_at_five)
    status, printed = tiny_command()
    assert status == 130
    assert "the same command goes on from" in printed
    assert not (tmp_path / "large.npz").exists()
    assert len(Training.load(TINY, tmp_path / "kept/large.npz").losses) == 5
    monkeypatch.setattr(Training, "step", step)
    assert tiny_command()[0] == 0
    assert read_model(tmp_path / "large.npz")[1]["first_losses"] == list(Training(TINY))


def test_command_says_what_it_cannot_go_on_from(tiny_command, tmp_path):
    Training(replace(TINY, lr=1.0)).save(tmp_path / "kept/large.npz")
    status, printed = tiny_command()
    assert status == 1
    assert "of another recipe" in printed.replace("\n", " ")
    with pytest.raises(SystemExit):
        tiny_command("huge")


# Files -------------------------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path, truth):
    path = tmp_path / "model.npz"
    write_model(path, TINY.new_model(), TINY, [5.0], truth)
    return path


def test_stored_model_computes_what_the_card_says(stored, truth):
    model, card = read_model(stored)
    assert card["measured"] == measure(model, truth)
    kept = read_arrays(stored)
    assert {a.dtype for name, a in kept.items() if name != "card"} == {np.dtype(np.float16)}
    with no_grad():
        assert model(truth.tokens[:1, :3]).shape == (1, 3, 153)


def test_same_model_is_the_same_file(stored, tmp_path, truth):
    write_model(tmp_path / "again.npz", TINY.new_model(), TINY, [5.0], truth)
    assert (tmp_path / "again.npz").read_bytes() == stored.read_bytes()


def test_file_that_was_cut_or_changed_is_named(stored):
    whole = stored.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for damaged in (b"", whole[:100], whole[:-100], whole[:middle], flipped, b"no model"):
        stored.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"model\.npz is damaged, or no \.npz file: "):
            read_model(stored)


def test_every_flipped_byte_is_found_or_harmless(stored):
    """Harmless are those that nobody reads: the dates of a zip file's parts, say."""
    whole, expected = stored.read_bytes(), weights(read_model(stored)[0])
    places = np.random.default_rng(0).integers(0, len(whole), 60).tolist()
    found = 0
    for place in places:
        stored.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            model, _ = read_model(stored)
        except ValueError:
            found += 1
        else:
            np.testing.assert_array_equal(weights(model), expected)
    assert found > len(places) / 2


def change(path, **new):
    arrays = read_arrays(path) | new
    write_arrays(path, {name: array for name, array in arrays.items() if array is not None})


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ({"card": None}, "KeyError"),
        ({"card": np.array("{}")}, "recipe"),
        ({"card": np.array("no card")}, "Expecting value"),
        ({"norm.bias": None}, r"state and GPT differ in norm\.bias"),
        ({"norm.bias": np.zeros(9, np.float16)}, r"norm\.bias has shape \(8,\).* gives \(9,\)"),
        ({"norm.bias": np.ones(8, np.float16)}, r"weights have the hash .*, the card says "),
        ({"other": np.zeros(1)}, "state and GPT differ in other"),
    ],
)
def test_foreign_file_is_named_with_what_does_not_fit(stored, new, message):
    change(stored, **new)
    with pytest.raises(
        ValueError, match=rf"no language model of this course: .*{message}.*make pret"
    ):
        read_model(stored)


def test_card_of_another_width_is_found(stored):
    card = json.loads(str(read_arrays(stored)["card"]))
    card["recipe"]["embed_dim"] = 16
    change(stored, card=np.array(json.dumps(card)))
    with pytest.raises(ValueError, match=r"has shape \(153, 16\), the state gives \(153, 8\)"):
        read_model(stored)


def test_objects_are_never_unpickled(tmp_path):
    np.savez(tmp_path / "objects.npz", card=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_model(tmp_path / "objects.npz")


def test_missing_file_is_no_damage(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing"):
        read_model(tmp_path / "nothing.npz")


def test_kill_while_writing_leaves_the_old_file(stored, monkeypatch):
    before = stored.read_bytes()

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_arrays(stored, {"new": np.zeros(1)})
    assert stored.read_bytes() == before


def test_training_of_another_recipe_or_none_is_refused(tmp_path):
    path = tmp_path / "kept.npz"
    Training(TINY).save(path)
    with pytest.raises(ValueError, match=r"not this training, cut off: it is of another recipe"):
        Training.load(replace(TINY, lr=1.0), path)
    write_arrays(path, {"a": np.zeros(1)})
    with pytest.raises(ValueError, match=r"kept\.npz is not this training.* delete it"):
        Training.load(TINY, path)
    assert recipes.RECIPES is RECIPES
