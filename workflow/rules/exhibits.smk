# Sealed studies -> tables and figures. Pure functions of their inputs: redrawn in seconds.


rule exhibit:
    input:
        exhibit_inputs,
        PUBLISHED,
    output:
        reported(f"{REPORTS}/tables/{{exhibit}}.csv", "table"),
        [f"{REPORTS}/tables/{{exhibit}}.{form}" for form in TABLE_FORMS[1:]],
    log:
        f"{RESULTS}/logs/exhibit_{{exhibit}}.log",
    conda:
        "../../environment.yml"
    params:
        scale=repr(SCALE),
        label=SCALE.label,
        caption=caption,
    shell:
        "tnas-bench exhibit {wildcards.exhibit} 2>&1 | tee -a {log}"


rule figure:
    input:
        f"{REPORTS}/tables/{{figure}}.csv",
    output:
        reported(f"{REPORTS}/figures/{{figure}}.svg", "figure"),
        f"{REPORTS}/figures/{{figure}}.png",
    log:
        f"{RESULTS}/logs/figure_{{figure}}.log",
    conda:
        "../../environment.yml"
    params:
        label=SCALE.label,
        caption=caption,
    shell:
        "tnas-bench figure {wildcards.figure} 2>&1 | tee -a {log}"
