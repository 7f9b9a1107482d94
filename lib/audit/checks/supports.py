"""Class counts of splits and test sets against the data set and the split that the paper describes."""

import math
from collections.abc import Mapping, Sequence

from scipy.stats import hypergeom

from lib.audit.finding import Outcome, judged


def _pairs(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def class_counts(published: Mapping[str, int], actual: Mapping[str, int]) -> Outcome:
    """Are the printed class counts those of the data set?"""
    wrong = {k: actual.get(k) for k in published if published[k] != actual.get(k)}
    text = "All class counts are the data set's." if not wrong else f"The data set has {_pairs(wrong)}."
    return judged(dict(published) == dict(actual), _pairs(actual), text)


def fraction_of_classes(counts: Mapping[str, int], classes: Mapping[str, int], share: float) -> Outcome:
    """Is a split's count of every class within one image of ``share`` (0..1) of the class?

    A stratified split rounds each class up or down, so that one image is the most it can be off.
    """
    off = {k: counts[k] for k in classes if abs(counts[k] - share * classes[k]) > 1 + 1e-9}
    expected = ", ".join(f"{k} {share * classes[k]:.1f}" for k in classes)
    text = "Every class is within one image of its share." if not off else f"More than one image off: {_pairs(off)}."
    return judged(not off, expected, f"{100 * share:g} % of the classes would be {expected}. {text}")


def evaluation_size(n: int, total: int, share: float, classes: int) -> Outcome:
    """Is n the stated ``share`` of ``total`` images, up to one image of rounding per class?"""
    expected = share * total
    text = f"{100 * share:g} % of {total} images are {expected:g}; the numbers imply {n} ({100 * n / total:.1f} %)."
    return judged(abs(n - expected) <= classes, f"{expected:g}", text)


def count_fits(count: int, available: int, n: int, total: int, what: str, alpha: float = 0.05) -> Outcome:
    """Can ``n`` of ``total`` images hold ``count`` of a class that has ``available``?

    Consistent if a stratified draw can (one image of rounding is allowed). Where the text does not say that it is
    stratified, a larger count is ``ambiguous`` as long as a plain draw gives it with probability ``alpha`` or more.
    """
    most = math.floor(n * available / total) + 1
    chance = float(hypergeom.sf(count - 1, total, available, n))
    text = (
        f"{n} of {total} images, drawn evenly over the classes, hold at most {most} of the {available} {what}; "
        f"{count} are stated. Drawn at random, they hold so many with probability {chance:.2f}."
    )
    return judged(count <= most, f"at most {most}", text, "ambiguous" if chance >= alpha else "inconsistent")


def same_data_set(supports: Mapping[str, int], candidates: Mapping[str, Mapping[str, int]], described: str) -> Outcome:
    """Which known evaluation set has exactly these supports, and is it the described one?

    ``candidates``: evaluation set name -> class counts, the classes named as in ``supports``.
    """
    exact = [name for name, counts in candidates.items() if dict(counts) == dict(supports)]
    listed = "; ".join(f"{name}: {_pairs(counts)}" for name, counts in candidates.items())
    text = f"Supports are {_pairs(supports)}. {listed}. Equal: {', '.join(exact) or 'none'}."
    return judged(described in exact, ", ".join(exact) or "none of the known sets", text)


def class_ratio(supports: Sequence[int], classes: Sequence[int], what: str, tolerance: int = 1) -> Outcome:
    """Does a stratified sample keep the data set's class ratio, up to ``tolerance`` images?"""
    n, total = sum(supports), sum(classes)
    expected = [n * c / total for c in classes]
    holds = all(abs(s - e) <= tolerance for s, e in zip(supports, expected, strict=True))
    implied = " : ".join(f"{e:.0f}" for e in expected)
    text = f"{n} stratified images of {what} would be {implied}; printed are {' : '.join(map(str, supports))}."
    return judged(holds, implied, text)


def majority_baseline(accuracy: float, majority: int, n: int, label: str) -> Outcome:
    """Is an accuracy above that of naming the most frequent class for every image?"""
    base = majority / n
    text = f"Naming {label} for all {n} images is right {majority} times, {base:.4f}; stated is {accuracy:g}."
    return judged(accuracy > base, f"{base:.4f}", text, "ambiguous")


def same_difficulty(gain: float, before: float, after: float, limit: float = 0.1) -> Outcome:
    """Is a gain in accuracy between two test sets large beside the change of their majority class?

    ``before`` and ``after``: share of the majority class, the accuracy of always naming it. Consistent if its change is
    at most ``limit`` of the gain.
    """
    share = (after - before) / gain
    text = (
        f"Accuracy rises by {gain:.4f}; that of always naming the majority class rises by {after - before:.4f}, "
        f"from {before:.4f} to {after:.4f} ({100 * share:.0f} % of the gain)."
    )
    return judged(abs(share) <= limit, f"{100 * share:.0f} % of the gain", text, "ambiguous")


def images_of_subjects(images: int, subjects: int, per_subject: int, exact: bool) -> Outcome:
    """Are the images all slices (``exact``) or some of ``subjects`` stacks of ``per_subject`` slices?"""
    most = subjects * per_subject
    text = f"{subjects} subjects with {per_subject} slices have {most} images; printed are {images}."
    return judged(images == most if exact else subjects <= images <= most, str(most), text)


def units_fill_splits(units: int, splits: int, what: str) -> Outcome:
    """Can ``units`` (subjects, lesions) be spread over ``splits`` non-empty sets without being divided?"""
    text = f"{units} {what} for {splits} sets" + (
        ": each set can have its own." if units >= splits else f": some {what[:-1]} must stand in two of them."
    )
    return judged(units >= splits, f"{units} {what}", text, "ambiguous")


def balanced(classes: Mapping[str, int], limit: float = 2.0) -> Outcome:
    """Is the most frequent class at most ``limit`` times as frequent as the rarest?"""
    most, least = max(classes, key=classes.__getitem__), min(classes, key=classes.__getitem__)
    ratio = classes[most] / classes[least]
    text = f"{most} has {classes[most]} images, {least} {classes[least]}: {ratio:.0f} to 1."
    return judged(ratio <= limit, f"{ratio:.0f} to 1", text)


def classes_assigned(named: Sequence[str], classes: Sequence[str]) -> Outcome:
    """Does the description say what happens to every class?"""
    missing = [name for name in classes if name not in named]
    text = f"Not named: {', '.join(missing) or 'none'}."
    return judged(not missing, f"{len(classes) - len(missing)} of {len(classes)} classes", text, "ambiguous")
