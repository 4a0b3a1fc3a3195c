"""Features of images under a module as it came."""

from pathlib import Path

import numpy as np
import torch

from tnas_bench.modules.image import ImageModule

BATCH = 100  # images


@torch.inference_mode()
def image_features(module: ImageModule, folder: Path, pixels: np.ndarray) -> np.ndarray:
    """float32, (images, dimension)."""
    network, images = module.network().eval(), torch.from_numpy(pixels)
    parts = (network(module.inputs(part.to(module.device))) for part in images.split(BATCH))
    return torch.cat([part.cpu() for part in parts]).numpy()
