"""Which run is compressed, the settings by profile, and what a notebook reads back."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.plan.grid import planned_runs
from lib.plan.spec import Model
from lib.records.measurements import get_or_measure
from lib.studies.compression.settings import PROFILES, load_settings
from lib.studies.compression.study import (
    BACKBONE,
    candidates,
    choose,
    compressed,
    compression_key,
    latency_key,
    read_stored,
    stand_in,
)
from tests.fakes.notebooks import notebook
from tests.fakes.records import fake_record

STAND_INS = planned_runs("abdulqader2026", "cpu")
ALIKE = candidates(STAND_INS)[0]
OWN = replace(ALIKE, spec=ALIKE.spec.model_copy(update={"model": Model(backbone="convnext_tiny", weights="none")}))
CPU = [*STAND_INS, OWN]
SETTINGS = load_settings("cpu")


def backbone(run):
    return run.spec.model.backbone.split(".")[0]


def checkpoint(results, run):
    file = results / "checkpoints" / run.spec.run_id / "best.ckpt"
    file.parent.mkdir(parents=True)
    file.touch()


def store(results, run, settings=SETTINGS, devices=("cpu",)):
    """Measurements of two variants, made up."""
    variants = pd.DataFrame({"name": ["base", "pruned"], "label": ["base", "30 % zeroed"], "origin": "paper"})
    outputs = {"variants": variants, "predictions": pd.DataFrame({"image_id": ["a"], "group": ["l"], "target": [0]}),
               "skipped": pd.DataFrame(columns=["label", "reason"])}  # fmt: skip
    name = run.spec.run_id
    get_or_measure(results, "compression", name, compression_key(run.spec, settings.making), lambda: outputs)
    for device in devices:
        key = latency_key(run.spec, settings.making, settings.timing, device)
        conditions = pd.DataFrame([{"device": device, "threads": 2, "px": 64}])
        outputs = {"times": pd.DataFrame({"name": ["base"], "ms": [1.0]}), "conditions": conditions}
        get_or_measure(results, "latency", name, key, lambda o=outputs: o)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_plans_a_subject_and_has_settings(profile):
    runs = candidates(planned_runs("abdulqader2026", profile))
    assert runs and all(r.spec.offline and r.spec.mixing.mixup and r.spec.seed == 0 for r in runs)
    assert len({backbone(r) for r in runs}) == len(runs)
    assert runs[0].paper_model == BACKBONE
    assert load_settings(profile).making.sparsity == 0.3  # the paper's


def test_the_papers_architecture_comes_first():
    assert backbone(candidates(CPU)[0]) == BACKBONE
    assert backbone(candidates(reversed(CPU))[0]) == BACKBONE


def test_a_run_with_its_weights_is_preferred(tmp_path):
    convnext, vit = candidates(CPU)[:2]
    study, making = notebook(tmp_path, True, "cpu"), SETTINGS.making
    assert choose(CPU, study, making) == convnext  # could be trained
    fake_record(tmp_path, vit.spec)
    assert choose(CPU, study, making) == vit
    checkpoint(tmp_path, vit)
    fake_record(tmp_path, convnext.spec)
    assert choose(CPU, study, making) == vit  # the other's weights are elsewhere
    checkpoint(tmp_path, convnext)
    assert choose(CPU, study, making) == convnext


def test_where_nothing_may_be_made_the_measured_run_is_shown(tmp_path):
    convnext, vit = candidates(CPU)[:2]
    for run in (convnext, vit):
        fake_record(tmp_path, run.spec)
        checkpoint(tmp_path, run)
    store(tmp_path, vit)
    assert choose(CPU, notebook(tmp_path, False, "cpu"), SETTINGS.making) == vit
    assert choose(CPU, notebook(tmp_path, True, "cpu"), SETTINGS.making) == convnext


def test_no_such_run_is_named(tmp_path):
    with pytest.raises(StudyError, match="no run with both augmentations"):
        choose([r for r in CPU if r.spec.seed == 1], notebook(tmp_path), SETTINGS.making)


def test_a_notebook_reads_what_is_stored(tmp_path):
    vit = candidates(CPU)[1]
    fake_record(tmp_path, vit.spec)
    study, shown = notebook(tmp_path, profile="cpu"), []
    study.show_provenance = lambda *a: shown.append(a)
    with pytest.raises(StudyError, match="is not measured: run notebook 04"):
        compressed(study)
    store(tmp_path, vit)
    found = compressed(study)
    assert found.run == vit and list(found.timed) == ["cpu"] and shown[-1][0][0][0] == vit
    assert found.timed["cpu"].where == "cpu, 2 threads, 64 px"
    other = replace(vit, spec=vit.spec.model_copy(update={"seed": 5}))
    assert read_stored(tmp_path, other, SETTINGS) is None


def test_a_stand_in_says_so(tmp_path):
    convnext, vit = candidates(CPU)[:2]
    paper = candidates(planned_runs("abdulqader2026", "gpu"))[0]
    said = [stand_in(SimpleNamespace(run=run)) for run in (paper, convnext, vit)]
    assert said[0].startswith("Compressed is the paper's model")
    assert "the paper's architecture in a reduced run" in said[1] and "no pretrained weights" in said[1]
    assert ") for ConvNeXt-Tiny: ViT-Tiny at 96 px" in said[2]


def test_wrong_settings_are_named(tmp_path):
    file = tmp_path / "compression.yaml"
    file.write_text("common: {making: {sparsity: 2.0}}\ncpu: {}\n")
    with pytest.raises(StudyError, match=r"cpu: making.sparsity: Input should be less than or equal to 1 \(got 2.0\)"):
        load_settings("cpu", file)
    with pytest.raises(StudyError, match="profile 'gpu'"):
        load_settings("gpu", file)
