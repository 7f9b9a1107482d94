"""Checks of xia2025, continued: what its parts cost."""

from torch import nn

from lib.audit import facts
from lib.audit.checks import networks
from lib.audit.finding import Ledger, judged
from lib.audit.values import Published
from lib.models.backbones import count_parameters


def head_parameters(features: int, hidden: int, ratio: int, least: int, classes: int) -> int:
    """Parameters of equations 2 and 3 and the classifier: SEVector on 2C features, then 2C -> hidden -> classes."""
    fused = 2 * features
    squeezed = max(least, fused // ratio)
    sizes = [(fused, squeezed), (squeezed, fused), (fused, hidden), (hidden, classes)]
    return sum(count_parameters(nn.Linear(a, b, device="meta")) for a, b in sizes)


def audit_architecture(paper: Published, ledger: Ledger) -> None:
    """Add the findings on parameters and operations."""
    classes = len(facts.ALZHEIMER)
    plain = networks.parameters("convnext_tiny", classes)
    features = networks.build("convnext_tiny", classes).num_features
    hidden, ratio = paper.count("architecture.hidden_units"), paper.count("architecture.compression_ratio")
    head = head_parameters(features, hidden, ratio, paper.count("architecture.min_units"), classes)
    linear = count_parameters(nn.Linear(features, classes, device="meta"))
    improved = plain - linear + head
    quote = "while reducing computational complexity"
    text = (
        f"Parameters {100 * (improved / plain - 1):+.1f} % ({improved:,} with the described parts, {plain:,} without), "
        "counted by us; operations not compared."
    )
    outcome = judged(improved < plain, f"{improved / plain:.3f} times", text)
    # Section 2.1 itself speaks of a "minimal computational overhead", so this is no headline.
    ledger.add(f"Abstract: {quote}", "parameter count", quote, outcome)
    size = paper.count("preprocessing.image_size.height")
    macs = {
        m: networks.multiply_accumulates(m, classes, size) for m in ("convnext_tiny", "efficientnet_b0", "resnet50")
    }
    listed = ", ".join(f"{m} {v / 1e9:.2f}" for m, v in macs.items())
    text = f"Multiply-accumulates in 10^9: {listed}. Which ResNet and EfficientNet are meant is not stated."
    outcome = judged(macs["convnext_tiny"] == min(macs.values()), listed, text, "ambiguous")
    quote = "while maintaining a lightweight design"
    ledger.add(f"Compared with ResNet and EfficientNet, {quote}", "multiply-accumulates", quote, outcome)
