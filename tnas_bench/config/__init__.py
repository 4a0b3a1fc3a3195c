"""The configuration: scales, typed and checked. ``scale`` is what a scale is, ``files`` where it is read."""

from tnas_bench.config.catalogue import Variant, experiments
from tnas_bench.config.controllers import ControllerSettings, PolicySettings, PpoSettings
from tnas_bench.config.data import DataSettings, with_sources
from tnas_bench.config.files import CONFIG, ROOT, load_scale
from tnas_bench.config.ldnas import (
    DartsSettings,
    EnasSettings,
    FisherSettings,
    FuseSettings,
    LdnasSettings,
    Recipe,
    SearchSettings,
    Skeleton,
)
from tnas_bench.config.mistakes import first_mistake
from tnas_bench.config.scale import (
    Budgets,
    DrawRule,
    ImageSettings,
    MnmsSettings,
    Phases,
    PriceSettings,
    Scale,
    TableSettings,
)
from tnas_bench.config.values import Settings
from tnas_bench.config.yaml_files import read_yaml

__all__ = [
    "CONFIG",
    "ROOT",
    "Budgets",
    "ControllerSettings",
    "DartsSettings",
    "DataSettings",
    "DrawRule",
    "EnasSettings",
    "FisherSettings",
    "FuseSettings",
    "ImageSettings",
    "LdnasSettings",
    "MnmsSettings",
    "Phases",
    "PolicySettings",
    "PpoSettings",
    "PriceSettings",
    "Recipe",
    "Scale",
    "SearchSettings",
    "Settings",
    "Skeleton",
    "TableSettings",
    "Variant",
    "experiments",
    "first_mistake",
    "load_scale",
    "read_yaml",
    "with_sources",
]
