"""Run specifications: what is refused, and hashes that old records depend on."""

import pytest
import yaml

from lib.core.errors import StudyError
from lib.plan.spec import RunSpec

BASE = {
    "dataset": "ham10000",
    "task": "mel-vs-nv-df-bkl",
    "split": {"name": "ham10000-image"},
    "image_size": 224,
    "model": {"backbone": "convnext_tiny.fb_in1k", "weights": "imagenet"},
    "loss": {"name": "bce"},
    "optimizer": {"name": "adamw", "lr": 1.0e-3},
    "epochs": 10,
    "batch_size": 32,
}
FULL = """
dataset: ham10000
task: mel-vs-nv-df-bkl
split: {name: ham10000-lesion, fractions: [0.72, 0.08, 0.2], seed: 3}
image_size: 64
preprocessing: {resize: center_crop, normalization: train}
augmentation: {horizontal_flip: 0.5, rotate: 15.0, crop_scale: [0.8, 1.0], hue: 0.1}
model: {backbone: vit_tiny_patch16_224, weights: local, drop_path: 0.1}
loss: {name: cross_entropy, label_smoothing: 0.1, class_weights: balanced}
sampler: balanced
optimizer: {name: sgd, lr: 1.0e-2, weight_decay: 0.01, momentum: 0.9}
schedule: {name: onecycle, warmup_epochs: 2.0, start_lr: 1.0e-4}
epochs: 10
batch_size: 32
precision: bf16
early_stopping_patience: 3
track_test: true
external: [isic2018-test]
seed: 7
"""


def make_spec(**changes):
    return RunSpec.parse(BASE | changes)


def changed(part, **values):
    return BASE | {part: BASE.get(part, {}) | values}


def test_hash_of_a_full_specification_never_changes():
    """Stored records are found by this hash: a change here orphans every one of them."""
    spec = RunSpec.parse(yaml.safe_load(FULL))
    assert spec.hash == "8249eff1126857e82502b3cb6b74409cdb9e31b65cbc2db7454782d0e0e9a244"
    assert spec.run_id == f"ham10000-lesion-vit_tiny_patch16_224-local-64px-s7-{spec.hash[:10]}"


def test_hash_of_a_short_specification_never_changes():
    spec = make_spec()
    assert spec.canonical() == (
        '{"batch_size":32,"dataset":"ham10000","epochs":10,"image_size":224,"loss":{"name":"bce"},'
        '"model":{"backbone":"convnext_tiny.fb_in1k","weights":"imagenet"},"optimizer":{"lr":0.001,"name":"adamw"},'
        '"recipe":2,"split":{"name":"ham10000-image"},"task":"mel-vs-nv-df-bkl"}'
    )
    assert spec.hash == "229b3aa403a74aafbb433fcc58532e45f45c33f52157b1d34f4578ac8da5bb01"


def test_defaults_do_not_enter_the_hash_and_all_else_does():
    short = make_spec()
    written_out = make_spec(**short.model_dump(mode="json"))
    assert written_out.hash == short.hash
    full = yaml.safe_load(FULL)
    hashes = {RunSpec.parse(full).hash}
    for key in ("preprocessing", "augmentation", "sampler", "schedule", "precision", "external", "seed", "track_test"):
        hashes.add(RunSpec.parse({k: v for k, v in full.items() if k != key}).hash)
    assert len(hashes) == 9


def test_lists_of_yaml_and_tuples_and_whole_numbers_are_the_same_specification():
    from_list = make_spec(split={"name": "ham10000-image", "fractions": [1, 0, 0]})
    from_tuple = make_spec(split={"name": "ham10000-image", "fractions": (1.0, 0.0, 0.0)})
    assert from_list == from_tuple and from_list.hash == from_tuple.hash
    assert (
        make_spec(optimizer={"name": "adamw", "lr": 1}).hash == make_spec(optimizer={"name": "adamw", "lr": 1.0}).hash
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (changed("optimizer", lr="1e-3"), r"optimizer\.lr: .*valid number \(got '1e-3'\)"),
        (changed("optimizer", lr=float("inf")), r"optimizer\.lr: .*finite"),
        (changed("optimizer", lr=0.0), r"optimizer\.lr: .*greater than 0"),
        (BASE | {"epochs": "10"}, r"epochs: .*integer"),
        (BASE | {"epochs": 10.0}, r"epochs: .*integer"),
        (BASE | {"seed": True}, r"seed: .*integer"),
        (BASE | {"epoch": 3}, r"epoch: Extra inputs"),
        (changed("augmentation", rotation=3.0), r"augmentation\.rotation: Extra inputs"),
        (changed("augmentation", crop_scale=[0.5]), r"augmentation\.crop_scale"),
        (changed("augmentation", crop_scale=[1.0, 0.8]), "no range of areas"),
        (changed("split", seed=-1), r"split\.seed: .*greater than or equal to 0"),
        (BASE | {"external": ["ham10000"]}, "others than 'ham10000'"),
        (BASE | {"external": ["isic2019", "isic2019"]}, "each named once"),
        (BASE | {"external": "isic2018-test"}, r"external: .*tuple"),
        (changed("split", name="ham10000-lesions"), "did you mean 'ham10000-lesion'"),
        (BASE | {"task": "mel-vs-nv-df"}, "did you mean 'mel-vs-nv-df-bkl'"),
        (BASE | {"dataset": "ham"}, "'ham10000-image' does not belong to data set 'ham'"),
        (changed("model", backbone="convnext_tiny"), "full tag"),
        (
            changed("augmentation", rotate=5.0) | {"model": {"backbone": "x", "weights": "local", "train": "head"}},
            "cannot be augmented",
        ),
        (BASE | {"model": {"backbone": "x", "weights": "none", "train": "head"}}, "learns nothing"),
        (BASE | {"model": {"backbone": "x", "weights": "local", "train": "head", "pooling": "dual"}}, "trained too"),
        (
            changed("loss", feature_smoothing=0.1) | {"model": {"backbone": "x", "weights": "local", "train": "head"}},
            "trained too",
        ),
        (changed("model", backbone="x", weights="local", train="head", classifier_init="torch"), "trained too"),
        (changed("loss", feature_smoothing=-0.1), r"loss\.feature_smoothing: .*greater than or equal to 0"),
        (BASE | {"monitor": "test_accuracy"}, "monitor"),
        (changed("model", head="effv3"), "belong to a frozen backbone"),
        (changed("model", feature_grid=7), "belong to a frozen backbone"),
        (changed("model", backbone="x", weights="local", train="head", head="effv1"), "effv1 has convolutions"),
        (changed("model", backbone="x", weights="local", train="head", feature_grid=3), "reads pooled features"),
        (changed("model", head="effv5"), r"model\.head"),
        (changed("preprocessing", detail_px=224), "smaller than image_size 224"),
        (changed("preprocessing", detail_px=8), r"preprocessing\.detail_px"),
        (changed("augmentation", random_crop=200), r"random_crop must be at least image_size \(224\)"),
        (BASE | {"mixing": {"mixup": 0.6, "cutmix": 0.5}}, "together at most 1"),
        (BASE | {"mixing": {"mixup": 0.3}}, "cross_entropy without class weights"),
        (
            BASE | {"mixing": {"mixup": 0.3}, "loss": {"name": "cross_entropy", "feature_smoothing": 0.1}},
            "or feature smoothing",
        ),
        (BASE | {"offline": {"target": 0}}, r"offline\.target: .*greater than or equal to 1"),
    ],
)
def test_wrong_values_are_named(values, message):
    with pytest.raises(StudyError, match=message):
        RunSpec.parse(values)


def test_every_wrong_value_is_named_at_once():
    with pytest.raises(StudyError, match=r"batch_size: .*epochs: |epochs: .*batch_size: "):
        make_spec(batch_size=0, epochs=0)


def test_detail_px_is_hashed_and_stored_by_its_first_name():
    """Records from before the new name keep their run ids; both are read."""
    old, new = (make_spec(preprocessing={name: 32}) for name in ("through", "detail_px"))
    assert old == new and old.preprocessing.detail_px == 32
    assert '"preprocessing":{"through":32}' in new.canonical() and new.hash == old.hash
    assert RunSpec.parse(new.model_dump(mode="json", by_alias=True)) == new
