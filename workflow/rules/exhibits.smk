# Sealed studies -> tables and figures. Pure functions of their inputs: made again in seconds.


rule exhibit:
    input:
        exhibit_inputs,
        PUBLISHED,
    output:
        reported(f"{REPORTS}/tables/{{exhibit}}.csv", "table"),
        [f"{REPORTS}/tables/{{exhibit}}.{form}" for form in TABLE_FORMS[1:]],
    log:
        f"{RESULTS}/logs/exhibit_{{exhibit}}.log",
    wildcard_constraints:
        exhibit="|".join(name for name in SHOWN if name not in FIGURES) or "none",
    conda:
        "../../environment.yml"
    params:
        scale=repr(SCALE),
        label=SCALE.label,
        caption=caption,
    shell:
        "tnas-bench exhibit {wildcards.exhibit} 2>&1 | tee -a {log}"


# With a picture of its numbers.
use rule exhibit as figure with:
    output:
        reported(f"{REPORTS}/figures/{{exhibit}}.svg", "figure"),
        f"{REPORTS}/figures/{{exhibit}}.png",
        reported(f"{REPORTS}/tables/{{exhibit}}.csv", "table"),
        [f"{REPORTS}/tables/{{exhibit}}.{form}" for form in TABLE_FORMS[1:]],
    wildcard_constraints:
        exhibit="|".join(FIGURES) or "none",
