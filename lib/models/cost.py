"""What a backbone costs: parameters, multiply-accumulates and a step of training, without weights or images."""

import os
import re
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from lib.models.backbones import build_backbone, count_parameters


def backbone_cost(name: str, image_size: int, n_outputs: int = 0) -> dict[str, float]:
    """Millions of ``parameters`` and ``gmacs`` (10^9 multiply-accumulates per image) of a timm backbone.

    Counted on the meta device, where nothing is computed.
    """
    with torch.device("meta"):
        net, _ = build_backbone(name.split(".")[0], "none", n_outputs, image_size)
    return {"parameters": count_parameters(net) / 1e6, "gmacs": multiply_accumulates(net, image_size) / 1e9}


def multiply_accumulates(net: nn.Module, image_size: int) -> int:
    """Of one image through ``net`` (on the meta device): half of the floating-point operations that torch counts.

    Convolutions and matrix products, attention included; normalization and activations are left out.
    """
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        net.eval()(torch.empty(1, 3, image_size, image_size, device="meta"))
    return counter.get_total_flops() // 2


def training_step(name: str, image_size: int, batch: int) -> dict[str, float]:
    """One AdamW step of a backbone with random weights on random images, on the CPU in single precision.

    In a process of its own (Linux), whose memory nothing else has touched.

    Returns:
        ``seconds`` of the second of two steps, and ``cpu_seconds`` that all threads spent in it, which other programs
        hardly lengthen; ``peak_GiB`` of the process, ``threads``, ``load_average``.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
        return own.submit(_step, name, image_size, batch).result()


def _step(name: str, image_size: int, batch: int) -> dict[str, float]:
    net, _ = build_backbone(name, "none", 1, image_size)
    optimizer = torch.optim.AdamW(net.train().parameters())
    images, targets = torch.rand(batch, 3, image_size, image_size), torch.zeros(batch, 1)
    for _ in range(2):
        started, busy = time.perf_counter(), time.process_time()
        optimizer.zero_grad()
        functional.binary_cross_entropy_with_logits(net(images), targets).backward()
        optimizer.step()
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - busy
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    peak = int(found[1]) / 2**20 if found else float("nan")
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_GiB": peak, "threads": torch.get_num_threads(),
            "load_average": os.getloadavg()[0]}  # fmt: skip
