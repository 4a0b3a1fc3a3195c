"""Settings of data: where tasks come from, and how much of them is taken."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from tnas_bench.config.mistakes import first_mistake
from tnas_bench.config.values import Flag, Settings, distinct
from tnas_bench.errors import UserError

Way = Literal["mirror", "package", "tfds", "publisher", "generated"]
Rows = Annotated[int, Field(strict=True, ge=30, le=1_000_000_000)]  # fewer leave a split next to nothing


class DataSettings(Settings):
    sources: Annotated[tuple[Way, ...], AfterValidator(distinct)] = Field(
        min_length=1, description="where raw data may come from, tried in this order"
    )
    max_rows: Rows | None = Field(None, description="at most so many rows of a task, drawn by class; null: all")
    max_images: Rows | None = Field(None, description="at most so many images of a task, by class; null: all")
    balanced: Flag = Field(
        True, description="image tasks: classes made of others are cut to the size of the rest (code)"
    )

    @property
    def whole(self) -> bool:
        """Whether tasks are as the publishers' files have them: such scales share what is prepared."""
        published = set(self.sources) <= {"mirror", "publisher"}
        return published and self.max_rows is None and self.max_images is None and self.balanced


def with_sources(data: DataSettings, sources: Sequence[str]) -> DataSettings:
    """The same with other sources; an unknown one is the user's mistake."""
    try:
        return DataSettings(**data.model_dump(exclude={"sources"}), sources=tuple(sources))
    except ValidationError as error:
        raise UserError(f"sources {', '.join(sources)}: {first_mistake(error, DataSettings)}") from None
