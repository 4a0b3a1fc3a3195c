"""Crate: the sealed results of a scale as an RO-Crate 1.1 (https://w3id.org/ro/crate/1.1), to be passed on or archived.

Packed are run cards, sealed rows, tables, figures, verdicts, the scale and our licence. Data sets and modules are other
people's: they are named, with their licences, and not packed.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from tnas_bench import __version__, plan
from tnas_bench.claims import shown
from tnas_bench.claims.ledger import ledger
from tnas_bench.config import CONFIG, ROOT, Scale
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.journal.durable import on_disk
from tnas_bench.journal.sealed import CARD, check_sealed, is_sealed, read_card, row_kind, sealed_below

FORMATS = {
    "": "text/plain",
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
    ".tsv": "text/tab-separated-values",
    ".yaml": "application/yaml",
}
PAPERS = {
    "https://arxiv.org/abs/1803.02780": "Transfer Learning with Neural AutoML",
    "https://arxiv.org/abs/1710.10776": "Transfer Learning to Learn with Multitask Neural Model Search",
    "https://arxiv.org/abs/2103.00241": "Improved Automated Machine Learning from Transfer Learning",
}
LICENCE = "https://spdx.org/licenses/MIT"
UNNAMED = "not named here; its publisher's"


def export(scale: Scale, into: Path) -> int:
    """Write a crate into a new folder, or into a file ``*.zip``; how many runs it holds.

    The same results give the same bytes. UserError if nothing is sealed, if a seal is broken, or if ``into`` is taken.
    """
    if into.suffix not in ("", ".zip"):
        raise UserError(f"{into}: ends with {into.suffix}; give a new folder, or a new file that ends with .zip")
    if into.is_file() or (into.is_dir() and any(into.iterdir())):
        raise UserError(f"{into}: is there already; give a new folder, or a new file that ends with .zip")
    runs = {folder: read_card(folder) for folder in sealed_below(plan.results(scale))}
    if not runs:
        raise UserError(f"{plan.results(scale)}: nothing is sealed there; run the workflow at this scale first")
    for folder in runs:
        check_sealed(folder, row_kind(folder))
    _check_verdicts(scale)
    crate, sealed = _crate(scale, runs), max(card["sealed"] for card in runs.values())
    with on_disk(into), TemporaryDirectory(prefix="tnas-bench-export-") as aside:
        folder = Path(aside) / "crate" if into.suffix == ".zip" else into
        crate.write(folder)
        if into.suffix == ".zip":
            _date(folder, datetime.fromisoformat(sealed).timestamp())
            into.parent.mkdir(parents=True, exist_ok=True)
            unfinished = shutil.make_archive(str(into.with_name(f".{into.stem}.part")), "zip", folder)
            os.replace(unfinished, into)
    return len(runs)


def _check_verdicts(scale: Scale) -> None:
    """Raise UserError if the verdicts that are there were earned by other results than those that are sealed."""
    folder = plan.reports(scale)
    if (folder / shown.FILE).exists() and list(shown.read(folder)["verdict"]) != list(ledger(scale)["verdict"]):
        raise UserError(f"{folder}: is older than what is sealed; run the workflow at scale {scale.name} first")


def _date(folder: Path, time: float) -> None:
    """Give all files one time, which an archive keeps."""
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (time, time))


def _crate(scale: Scale, runs: Mapping[Path, Mapping]) -> ROCrate:
    crate = ROCrate(version="1.1")
    authors = _named(crate, "#developers", "Organization", "The tnas_bench developers")
    licence = _named(crate, LICENCE, "CreativeWork", "MIT License")
    facts = {"version": __version__, "license": licence, "author": authors}
    suite = _named(crate, "#tnas_bench", "SoftwareSourceCode", "tnas_bench", **facts)
    inputs = _inputs(crate, runs.values())
    root = crate.root_dataset
    root["name"] = f"Results of tnas_bench at scale {scale.name}"
    root["description"] = f"{len(runs)} sealed runs of a suite that reproduces papers. Scale {scale.label}."
    root["datePublished"] = max(card["sealed"] for card in runs.values())[:10]
    root["license"], root["author"], root["publisher"], root["isBasedOn"] = licence, authors, authors, suite
    root["citation"] = [_named(crate, url, "ScholarlyArticle", title) for url, title in PAPERS.items()]
    root["mentions"] = list(inputs.values())
    for source, place in _files(scale):
        _add_file(crate, source, place)
    taught = _teachers(scale, runs)
    for folder, card in runs.items():
        used = [inputs[kind, name] for kind in card["inputs"] for name in card["inputs"][kind]]
        _add_run(crate, folder, card, used + taught.get(folder, []))
    return crate


def _named(crate: ROCrate, key: str, kind: str, name: str, **facts: object) -> ContextEntity:
    return crate.add(ContextEntity(crate, key, {"@type": kind, "name": name, **facts}))


def _inputs(crate: ROCrate, cards: Iterable[Mapping]) -> dict[tuple[str, str], ContextEntity]:
    """Tasks and modules, by kind and name, each with its licence; of works, not of files that the crate would hold."""
    found = {(kind, name): card for each in cards for kind, of in each["inputs"].items() for name, card in of.items()}
    entities, licences = {}, {}
    for (kind, name), card in sorted(found.items()):
        words = card.get("licence", UNNAMED)
        if words not in licences:
            licences[words] = _named(crate, f"#licence-{len(licences) + 1}", "CreativeWork", words)
        told = [card.get("publisher", ""), card.get("citation", ""), card.get("note", ""), *card.get("differences", [])]
        facts = {"description": "; ".join(filter(None, told)) or name, "license": licences[words]}
        hashes = [f"sha256 of {part}: {sha256}" for part, sha256 in card["sha256"].items()]
        title = card.get("title", name)
        entities[kind, name] = _named(crate, f"#{kind}-{name}", "CreativeWork", title, identifier=hashes, **facts)
    return entities


def _files(scale: Scale) -> Iterator[tuple[Path, str]]:
    """What is packed beside the runs, and where: licence, scale, and what a reader opens, as far as it is made."""
    for name in ("LICENSE", "CITATION.cff", "data/published/claims.tsv"):
        yield ROOT / name, name
    for name in (f"{scale.name}.yaml", "experiments.yaml"):
        if (CONFIG / name).exists():  # a scale of one's own lies elsewhere
            yield CONFIG / name, f"workflow/config/{name}"
    for folder in (plan.reports(scale), plan.table_folder(scale)):
        for file in sorted(folder.rglob("*.*")):
            if file.suffix in FORMATS and not is_sealed(file.parent):
                yield file, str(file)


def _teachers(scale: Scale, runs: Mapping[Path, Mapping]) -> dict[Path, list[dict[str, str]]]:
    """The run that taught a run, where it is packed, too."""
    pairs = [(study.folder, study.pretraining.folder) for study in plan.all_studies(scale) if study.pretraining]
    return {folder: [{"@id": f"{teacher}/"}] for folder, teacher in pairs if teacher in runs}


def _add_file(crate: ROCrate, source: Path, place: str) -> Entity:
    facts = {
        "name": place,
        "encodingFormat": FORMATS[source.suffix],
        "contentSize": str(source.stat().st_size),
        "identifier": f"sha256:{file_sha256(source)}",
    }
    return crate.add_file(str(source), place, properties=facts)


def _add_run(crate: ROCrate, folder: Path, card: Mapping, used: Sequence[object]) -> None:
    """A folder with its two sealed files."""
    rows, study = row_kind(folder), card["study"]
    facts = {
        "name": f"{study['name']}, seed {study['seed']}",
        "description": f"{card[rows]} {rows}, computed with commit {card['commit']} on {card['gpu'] or card['cpu']}",
        "dateCreated": card["sealed"],
        "identifier": card["hash"],
        "isBasedOn": used[0] if len(used) == 1 else used,  # the specification wants no list of one
    }
    files = [_add_file(crate, folder / name, f"{folder}/{name}") for name in (CARD, f"{rows}.parquet")]
    crate.add_dataset(dest_path=f"{folder}/", properties=facts | {"hasPart": files})
