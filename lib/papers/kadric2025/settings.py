"""What a run of kadric2025 is: head, edition of the data, pixels."""

from lib.plan.spec import RunSpec
from lib.records.seeds import split_kind

PAPER = "kadric2025"
# Ids of the accuracies that the text gives: by head on DermaMNIST-C, by network at the low resolution.
HEADS = {name: f"architecture.{name}.accuracy" for name in ("effv1", "effv3", "effv4")}
LOW = {model: f"architecture.low.{model}.accuracy" for model in ("resnet50", "efficientnetv2_l")}
LOW_VAL = "results.low.val_accuracy"
DATA = {
    "dermamnist": "DermaMNIST",
    "dermamnist-c-v1.0": "DermaMNIST-C 1.0",
    "dermamnist-c-v1.1": "DermaMNIST-C 1.1",
    "dermamnist-c": "DermaMNIST-C (own file)",
    "synthetic-image": "synthetic, by image",
    "synthetic-lesion": "synthetic, by lesion",
}
SIZES = {"synthetic": (16, 32)}  # trials; otherwise the editions' own 28 and 224


def setting(spec: RunSpec) -> str:
    """The paper's name of a head and its class weights: Effv4 is Effv3 with weights."""
    head = spec.model.head
    if spec.loss.class_weights == "none":
        return head
    return "effv4" if head == "effv3" else f"{head} weighted"


def is_clean(spec: RunSpec) -> bool:
    """DermaMNIST-C (either version), or in trials the split by lesion."""
    return spec.split.name.startswith("dermamnist-c") or split_kind(spec) == "grouped"


def data_name(spec: RunSpec) -> str:
    return DATA[spec.split.name]


def pixels(spec: RunSpec) -> int:
    """Pixels per side that the images have once, whatever the network's input size."""
    return spec.preprocessing.detail_px or spec.image_size


def low_pixels(spec: RunSpec) -> int:
    return SIZES.get(spec.dataset, (28, 224))[0]


def largest(spec: RunSpec) -> int:
    return SIZES.get(spec.dataset, (28, 224))[1]
