"""Progress of a training: a bar in a terminal, one line per epoch elsewhere."""

import sys
from dataclasses import dataclass

import lightning as L
from lightning.pytorch.callbacks import TQDMProgressBar


def in_terminal() -> bool:
    """Whether a moving bar makes sense (saved notebooks and logs would keep every tick)."""
    return sys.stderr.isatty()


def bar() -> list[L.Callback]:
    """The terminal's progress bar, where there is a terminal."""
    return [TQDMProgressBar(refresh_rate=5)] if in_terminal() else []


@dataclass(frozen=True)
class EpochLine:
    """Callable that prints one line for an epoch's history row, with the time left if no epoch is skipped."""

    title: str
    epochs: int

    def __call__(self, row: dict) -> None:
        if in_terminal():
            return
        left = (self.epochs - row["epoch"]) * row["seconds"]
        print(
            f"{self.title} · epoch {row['epoch']}/{self.epochs} · train loss {row['train_loss']:.4f} · "
            f"val loss {row['val_loss']:.4f} · val accuracy {row['val_accuracy']:.4f} · "
            f"{row['images_per_second']:.0f} images/s · {left / 60:.1f} min left",
            flush=True,
        )
