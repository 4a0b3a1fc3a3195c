"""tnas_bench: a reproducibility benchmark suite for transfer neural architecture search."""

__version__ = "0.1.0"
