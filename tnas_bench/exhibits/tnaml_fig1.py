"""Figure 1 (right) of Transfer Learning with Neural AutoML: similarity of the learnt task embeddings."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame, Series

from tnas_bench.config import Scale
from tnas_bench.errors import UserError
from tnas_bench.exhibits import numerals, published, tnaml
from tnas_bench.exhibits import tnaml_clusters as clustering
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.results import load_learnt
from tnas_bench.exhibits.tnaml_fig1_heatmap import draw_similarities

NAME = "tnaml_fig1"
MODEL = {
    "hidden_layers": "Hidden layers",
    "hidden_size": "Size",
    "activation": "Activation",
    "wide_learning_rate": "Wide rate",
    "dropout": "Dropout",
    "module": "Module",
    "fine_tune": "Fine-tuned",
}
CLUSTERS = 3  # where the paper's are not known: two and an outlier
STATISTICS = {"adjusted_rand": "Adjusted Rand index", "contrast": "Similarity within − across the paper's clusters"}
PAPER = {"A": "Paper, first", "B": "Paper, second", "": "Paper, in neither"}
ALL = "all tasks"


def build(results: DataFrame, scale: Scale) -> DataFrame:
    """One row a number.

    Columns: part ("similarity": of task and other; "cluster": the number of a task's, beside the paper's in other;
    "choice": the most frequent among the most probable choices of a cluster's tasks and seeds, with its share;
    "agreement"), task, title, grade, stand_ins, pretrained_on, seeds, other, cluster, choice, measure ("cosine" |
    "cluster" | a decision | a statistic), mean, deviation (over seeds); of agreements chance, chance_high (mean and 95%
    quantile where embeddings are random) and exceeded (share of those that are as high).
    """
    learnt, order = _met(results)
    embeddings = [np.stack(rows.loc[order, "embedding"]) for _, rows in learnt.groupby("seed")]
    similarities = np.stack([clustering.cosines(each) for each in embeddings])
    partition = published.read(NAME).set_index("task")["cluster"].fillna("").reindex(order)
    clusters = clustering.clusters(similarities.mean(axis=0), _number(partition))
    facts = {"seeds": len(embeddings), "other": "", "cluster": "", "choice": ""}
    marks = {task: _marks(learnt, task) for task in order}
    together = marks[order[0]] | {"task": ALL, "title": "All tasks", "grade": ", ".join(sorted(set(learnt["grade"])))}
    rows = [marks[row["task"]] | facts | row for row in _similarities(similarities, order)]
    for task, cluster in zip(order, clusters, strict=True):
        found = {"part": "cluster", "measure": "cluster", "cluster": f"{cluster}"}
        rows.append(marks[task] | facts | found | {"other": PAPER.get(partition[task], "")})
    assigned = learnt.assign(cluster=learnt.index.map(dict(zip(order, clusters, strict=True))))
    rows += [together | facts | row for row in [*_choices(assigned), *_agreements(embeddings, partition)]]
    return DataFrame(rows)


def _met(results: DataFrame) -> tuple[DataFrame, list[str]]:
    """What the multitask controllers learnt, by task, of the tasks that all of them met, in the paper's order."""
    learnt = results[(results["experiment"] == "pretraining") & (results["variant"] == "tnaml")]
    met = learnt["task"].value_counts()
    order = published.in_paper_order(met.index[met == learnt["seed"].nunique()], published.read(NAME))
    if not order:
        raise UserError("results: no task that all studies of tnaml/pretraining/tnaml met; give them more trials")
    return learnt[learnt["task"].isin(order)].set_index("task"), list(order)


def _marks(learnt: DataFrame, task: str) -> dict[str, str]:
    row = learnt.loc[[task]].iloc[0]
    return {"task": task} | {name: row[name] for name in ("title", "grade", "stand_ins", "pretrained_on")}


def _number(partition: Series) -> int:
    """As many clusters as the paper has among these tasks, an outlier being one of its own [choice]."""
    return partition.nunique() or min(CLUSTERS, len(partition))


def _similarities(similarities: np.ndarray, order: Sequence[str]) -> Iterator[dict]:
    means, deviations = similarities.mean(axis=0), _deviation(similarities)
    for row, column in np.ndindex(means.shape):
        pair = {"part": "similarity", "measure": "cosine", "task": order[row], "other": order[column]}
        yield pair | {"mean": means[row, column], "deviation": deviations[row, column]}


def _deviation(values: np.ndarray) -> np.ndarray:
    """Sample standard deviation over seeds, the first axis; NaN from one."""
    return values.std(axis=0, ddof=1) if len(values) > 1 else np.full(values.shape[1:], np.nan)


def _choices(learnt: DataFrame) -> Iterator[dict]:
    for cluster, rows in learnt.groupby("cluster"):
        for decision in MODEL:
            counts = rows[decision].value_counts(sort=False)
            tied = sorted(counts.index[counts == counts.max()])
            most = {"choice": ", ".join(map(str, tied)), "mean": counts.max() / len(rows)}
            yield {"part": "choice", "cluster": f"{cluster}", "measure": decision, **most}


def _agreements(embeddings: Sequence[np.ndarray], partition: Series) -> Iterator[dict]:
    """Agreement with the paper's clusters, where its tasks make more than one, and not one of each."""
    known = partition.notna().to_numpy()
    theirs, number = partition[known].tolist(), partition.nunique()
    if not 1 < number < len(theirs):
        return
    statistics = {
        "adjusted_rand": partial(clustering.agreement, partition=theirs, number=number),
        "contrast": partial(clustering.contrast, partition=theirs),
    }
    for name, statistic in statistics.items():
        ours = np.array([statistic(each[known]) for each in embeddings])
        chance = clustering.by_chance(statistic, len(theirs), embeddings[0].shape[1], len(embeddings), name)
        found = {"part": "agreement", "measure": name, "mean": ours.mean(), "deviation": _deviation(ours)}
        found |= {"chance": chance.mean(), "chance_high": np.quantile(chance, 0.95)}
        yield found | {"exceeded": (1 + (chance >= ours.mean()).sum()) / (1 + len(chance))}  # never nought


def of_tasks(frame: DataFrame) -> DataFrame:
    """The rows of single tasks."""
    return frame[frame["task"] != ALL]


def _matrix(frame: DataFrame, values: str) -> DataFrame:
    tasks = list(tnaml.marked(of_tasks(frame)))
    cells = frame[frame["part"] == "similarity"].pivot(index="task", columns="other", values=values)
    return cells.loc[tasks, tasks]


def _clusters(frame: DataFrame) -> DataFrame:
    return frame[frame["part"] == "cluster"].set_index("task")


def draw(frame: DataFrame) -> Figure:
    """A heat map in the paper's order, with its clusters after the names; outlined: our clusters."""
    titles = tnaml.marked(of_tasks(frame))
    clusters = _clusters(frame).loc[list(titles)]
    theirs = clusters["other"].str.removeprefix("Paper, ")
    names = [f"{title} ({theirs[task]})" if theirs[task] else title for task, title in titles.items()]
    means, deviations = (_matrix(frame, values).to_numpy() for values in ("mean", "deviation"))
    return draw_similarities(means, deviations, names, clusters["cluster"].to_numpy())


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """The clusters and their models beside the paper's, the agreement, and the similarities."""
    agreements = [_agreement(row) for _, row in frame[frame["part"] == "agreement"].iterrows()]
    return {
        "Clusters and their most probable models": _models(frame),
        **({"Agreement with the paper's clusters": numerals.table(agreements)} if agreements else {}),
        "Cosine similarity of the task embeddings": _similarity_table(frame),
    }


def _models(frame: DataFrame) -> DataFrame:
    ours, titles = _clusters(frame), tnaml.marked(of_tasks(frame))
    choices = frame[frame["part"] == "choice"].set_index(["cluster", "measure"])
    rows = []
    for cluster in ours["cluster"].unique():
        members = ours.index[ours["cluster"] == cluster]
        row = {("Cluster", ""): f"Ours, {cluster}", ("Tasks", ""): ", ".join(titles[task] for task in members)}
        rows.append(row | {("Model", title): _choice(choices.loc[cluster, name]) for name, title in MODEL.items()})
    return numerals.table([*rows, *_paper_models(list(ours.index), titles)])


def _choice(cell: Series) -> str:
    each = " each" if ", " in cell["choice"] else ""
    return f"{cell['choice']} ({100 * cell['mean']:.0f}%{each})"


def _paper_models(tasks: Sequence[str], titles: dict[str, str]) -> Iterator[dict[tuple[str, str], str]]:
    """The paper's clusters, of the tasks that are present."""
    paper = published.read(NAME, dtype=str).fillna("")
    for cluster, rows in paper[paper["task"].isin(tasks)].groupby("cluster", sort=False):
        row = {("Cluster", ""): PAPER[cluster], ("Tasks", ""): ", ".join(titles[task] for task in rows["task"])}
        yield row | {("Model", title): rows[name].iloc[0] or "–" for name, title in MODEL.items()}


def _agreement(row: Series) -> dict[tuple[str, str], str]:
    return {
        ("Measure", ""): STATISTICS[row["measure"]],
        ("Ours", ""): numerals.plus_minus(row["mean"], row["deviation"]),
        ("Random embeddings", "mean"): numerals.number(row["chance"]),
        ("Random embeddings", "95% are below"): numerals.number(row["chance_high"]),
        ("Random embeddings", "as high as ours"): f"{100 * row['exceeded']:.1f}%",
    }


def _similarity_table(frame: DataFrame) -> DataFrame:
    means, deviations, titles = _matrix(frame, "mean"), _matrix(frame, "deviation"), tnaml.marked(of_tasks(frame))
    text = means.combine(deviations, lambda *columns: Series(map(numerals.plus_minus, *columns), columns[0].index))
    rows = [
        {("Task", ""): title} | {("Similarity to", titles[other]): text.at[task, other] for other in titles}
        for task, title in titles.items()
    ]
    return numerals.table(rows)


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the figure."""
    tasks = of_tasks(frame)
    return [
        *(["Mean ± standard deviation over seeds."] if tasks["seeds"].max() > 1 else []),
        "After a name, in the picture: its cluster in the paper.",
        "Clusters: average linkage on 1 − mean similarity, as many as the paper has among these tasks, one in "
        "neither cluster being one of its own [choice]. In brackets: share of the cluster's tasks and seeds with that "
        "most probable choice.",
        _agreement_note(frame),
        "The paper's figure is a picture; it gives no published value for its similarities.",
        tnaml.seeds_note(tasks),
        *tnaml.stand_in_notes(tasks),
    ]


def _agreement_note(frame: DataFrame) -> str:
    if "agreement" not in set(frame["part"]):
        return "Too few of the paper's tasks to tell agreement with its clusters from chance."
    return (
        "Agreement is that of each seed's clusters, averaged; random embeddings are normal ones of the same size, "
        "clustered in the same way."
    )


EXHIBIT = Exhibit(
    name=NAME,
    title="Figure 1 (right). Transfer Learning with Neural AutoML",
    caption="Cosine similarity of the task embeddings that the multitask controller learns in pretraining, in the "
    "paper's order and on its scale of colours. Outlined, with their numbers on the diagonal: clusters.",
    build=build,
    tables=tables,
    notes=notes,
    draw=draw,
    reads=load_learnt,
)
