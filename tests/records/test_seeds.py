"""Runs gathered over seeds, and their metrics."""

import numpy as np
import pytest

from lib.data.tasks import TASKS
from lib.evaluation.resampled import of_class
from lib.records.seeds import by_seed, learned, measure, measure_classes, split_kind, value
from tests.fakes.records import TARGETS, fake_record, make_spec, planned, run, two_class_probs


def test_runs_that_differ_in_their_seed_alone_belong_together(tmp_path):
    again = {"split": {"name": "ham10000-image", "seed": 1}}
    runs = [run(tmp_path, **changes) for changes in ({"seed": 1}, {"image_size": 64}, {}, {"seed": 2}, again)]
    groups = by_seed(runs)
    assert [[r.spec.seed for r in g.records] for g in groups] == [[1, 0, 2], [0], [0]]
    assert [g.planned for g in groups] == [runs[n][0] for n in (0, 1, 4)]
    assert groups[0].labels() == {
        "data": f"ham10000, {TASKS['mel-vs-nv-df-bkl'].label}",
        "split": "paper",
        "model": "convnext_tiny",
        "backbone": "convnext_tiny.fb_in1k",
        "weights": "imagenet",
        "trained": "all",
        "px": 224,
        "seeds": 3,
        "learned": False,  # of eight validation images nothing can be told
    }


def test_constant_answers_and_guesses_are_not_learned(tmp_path):
    targets = np.arange(60) % 2
    guesses = np.random.default_rng(0).dirichlet([1, 1], 60)
    ranked = np.stack([0.9 - targets / 5, 0.1 + targets / 5], axis=1)  # in the right order, and one class named alone
    for seed, probs in enumerate((guesses, np.full((60, 2), [0.9, 0.1]), ranked)):
        record = fake_record(tmp_path, make_spec(seed=seed), val=(targets, probs))
        assert not learned(record)
    spec = make_spec(seed=9)
    record = fake_record(tmp_path, spec, val=(targets, two_class_probs(targets, [3])))
    assert learned(record) and by_seed([(planned(spec), record)])[0].labels()["learned"]


@pytest.mark.parametrize(
    ("dataset", "split", "kind"),
    [
        ("ham10000", "ham10000-image", "paper"),
        ("ham10000", "ham10000-lesion", "grouped"),
        ("malignant-vs-benign", "malignant-vs-benign-lesion", "grouped"),
        ("alzheimer", "alzheimer-subject", "grouped"),
        ("dermamnist", "dermamnist-c-v1.1", "grouped"),
        ("dermamnist", "dermamnist", "paper"),
    ],
)
def test_split_kind(dataset, split, kind):
    assert split_kind(make_spec(dataset=dataset, task="dx", split={"name": split})) == kind


@pytest.fixture
def group(tmp_path):
    """Seeds 0 and 1: accuracies 6/8 and 4/8."""
    (group,) = by_seed([run(tmp_path), run(tmp_path, (0, 1, 4, 5), seed=1)])
    return group


def test_arrays_are_stacked_over_seeds(group):
    targets, stack, lesions = group.arrays("test", "final")
    assert stack.shape == (2, 8, 2) and targets.tolist() == TARGETS.tolist()
    assert (stack.argmax(axis=2) != targets).sum(axis=1).tolist() == [2, 4]
    assert lesions[:3].tolist() == ["test-lesion0", "test-lesion0", "test-lesion1"]


def test_mean_interval_and_spread_over_seeds(group):
    found = measure(group, "accuracy", repeats=200)
    assert found.value == pytest.approx(0.625) and found.runs == (0, 1)
    assert found.sd == pytest.approx(np.std([0.75, 0.5], ddof=1))
    # Lesions keep their images together: they are right by 1/4, 1, 1/4 and 1 on average.
    assert found.interval() == pytest.approx((0.25, 1.0))


def test_spread_of_one_seed_is_unknown(tmp_path):
    (group,) = by_seed([run(tmp_path)])
    assert np.isnan(measure(group, "accuracy", repeats=20).sd)


def test_classes_and_own_metrics(group):
    first, second = measure_classes(group, "sensitivity", 20)
    assert (first.value, second.value) == pytest.approx((5 / 8, 5 / 8))
    assert measure(group, of_class("sensitivity", 1), 20).draws == pytest.approx(second.draws, nan_ok=True)
    assert value(group, "accuracy") == 0.625
