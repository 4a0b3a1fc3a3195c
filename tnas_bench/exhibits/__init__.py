"""Exhibit: one table or figure of a paper. A new one is a file and a row here."""

from tnas_bench.errors import UserError
from tnas_bench.exhibits import (
    ldnas_control,
    ldnas_fig1,
    ldnas_sigma,
    ldnas_tables,
    mnms_simultaneous,
    mnms_transfer,
    table_searches,
    tnaml_ablation,
    tnaml_algorithms,
    tnaml_appendix,
    tnaml_cost,
    tnaml_fig1,
    tnaml_fig2,
    tnaml_fig3,
    tnaml_fig4_modules,
    tnaml_fig4_overfitting,
    tnaml_literature,
    tnaml_multitask,
    tnaml_ranks,
    tnaml_table1,
)
from tnas_bench.exhibits.exhibit import Exhibit

EXHIBITS: dict[str, Exhibit] = {
    exhibit.name: exhibit
    for exhibit in (
        tnaml_table1.EXHIBIT,
        tnaml_fig1.EXHIBIT,
        tnaml_fig2.EXHIBIT,
        tnaml_fig3.EXHIBIT,
        tnaml_fig4_overfitting.EXHIBIT,
        tnaml_fig4_modules.EXHIBIT,
        tnaml_ablation.EXHIBIT,
        tnaml_multitask.EXHIBIT,
        tnaml_cost.EXHIBIT,
        tnaml_literature.EXHIBIT,
        tnaml_ranks.EXHIBIT,
        tnaml_algorithms.EXHIBIT,
        tnaml_appendix.EXHIBIT,
        mnms_simultaneous.EXHIBIT,
        mnms_transfer.EXHIBIT,
        ldnas_fig1.EXHIBIT,
        ldnas_sigma.EXHIBIT,
        ldnas_tables.TABLE1,
        ldnas_tables.TABLE2,
        ldnas_control.EXHIBIT,
        table_searches.EXHIBIT,
    )
}


def find(name: str) -> Exhibit:
    """The exhibit of that name."""
    if name not in EXHIBITS:
        raise UserError(f"unknown exhibit {name!r}: take one of {', '.join(EXHIBITS)}")
    return EXHIBITS[name]
