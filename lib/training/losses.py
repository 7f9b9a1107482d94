"""xia2025's feature smoothing loss (section 2.2)."""

import torch


def feature_smoothing(features: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Equations 5 and 6 on one mini-batch: mean over classes of the mean squared distance to the class's centre.

    Classes that the batch does not hold have no centre: the mean is over those it holds, so that the loss does not
    depend on how many others there are. A class with a single image in the batch is its own centre and adds 0; with
    the paper's batch of four images of four classes that is often so.

    Args:
        features: float [B, D], pre-logit features; computed in float32 whatever their precision.
        targets: int64 [B].

    Returns:
        Scalar float32, at least 0, with its gradient through features and centres.
    """
    features = features.float()
    held, member, counts = torch.unique(targets, return_inverse=True, return_counts=True)
    sums = torch.zeros(len(held), features.shape[1], device=features.device).index_add(0, member, features)
    centres = sums / counts[:, None]
    distances = (features - centres[member]).square().sum(dim=1)
    return (distances / counts[member]).sum() / len(held)
