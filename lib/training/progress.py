"""Progress of a training: a bar in a terminal, one line an epoch elsewhere."""

import sys
from collections.abc import Callable

import lightning as L
from lightning.pytorch.callbacks import TQDMProgressBar


def in_terminal() -> bool:
    """Whether a moving bar makes sense (saved notebooks and logs would keep every tick)."""
    return sys.stderr.isatty()


def bar() -> list[L.Callback]:
    """The terminal's progress bar, where there is a terminal."""
    return [TQDMProgressBar(refresh_rate=5)] if in_terminal() else []


def epoch_line(title: str, epochs: int) -> Callable[[dict], None]:
    """Function that prints one line for an epoch's history row, with the time left if no epoch is skipped."""

    def report(row: dict) -> None:
        left = (epochs - row["epoch"]) * row["seconds"]
        print(
            f"{title} · epoch {row['epoch']}/{epochs} · train loss {row['train_loss']:.4f} · "
            f"val loss {row['val_loss']:.4f} · val accuracy {row['val_accuracy']:.4f} · "
            f"{row['images_per_second']:.0f} images/s · {left / 60:.1f} min left",
            flush=True,
        )

    return (lambda row: None) if in_terminal() else report
