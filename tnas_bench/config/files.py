"""The scales that there are: those of the suite, by name, and a user's own, by path."""

from pathlib import Path

from pydantic import ValidationError

from tnas_bench.config.mistakes import first_mistake
from tnas_bench.config.scale import Scale
from tnas_bench.config.yaml_files import read_yaml
from tnas_bench.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "workflow" / "config"
TAKEN = ("experiments", "full", "own")  # a file, and folders that belong to no scale


def load_scale(name_or_path: str) -> Scale:
    """A scale by the name of its file in ``workflow/config``, or by the path of a file of the user's own."""
    path = Path(name_or_path)
    known = sorted(file.stem for file in CONFIG.glob("*.yaml") if file.stem not in TAKEN)
    if path.suffix not in {".yaml", ".yml"}:
        path = CONFIG / f"{name_or_path}.yaml"
        if name_or_path not in known:
            raise UserError(f"unknown scale {name_or_path!r}: take one of {', '.join(known)} or a YAML file")
    if path.stem in TAKEN or (path.stem in known and path.resolve().parent != CONFIG):
        raise UserError(f"{path}: has the name of another scale, whose results it would share; rename the file")
    content = read_yaml(path)
    if "name" in content:
        raise UserError(f"{path}: name: a scale has the name of its file; leave that key out")
    try:
        return Scale.model_validate({"name": path.stem} | content)
    except ValidationError as error:
        raise UserError(f"{path}: {first_mistake(error, Scale)}; mend that key") from None
