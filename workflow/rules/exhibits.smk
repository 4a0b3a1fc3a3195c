# Sealed studies -> tables and figures. Pure functions of their inputs: redrawn in seconds.


rule exhibit:
    input:
        exhibit_inputs,
        PUBLISHED,
    output:
        [f"{REPORTS}/tables/{{exhibit}}.{form}" for form in TABLE_FORMS],
    log:
        f"{RESULTS}/logs/exhibit_{{exhibit}}.log",
    conda:
        "../../environment.yml"
    params:
        scale=repr(SCALE),
    shell:
        "tnas-bench exhibit {wildcards.exhibit} 2>&1 | tee {log}"


rule figure:
    input:
        f"{REPORTS}/tables/{{figure}}.csv",
    output:
        [f"{REPORTS}/figures/{{figure}}.{form}" for form in FIGURE_FORMS],
    log:
        f"{RESULTS}/logs/figure_{{figure}}.log",
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench figure {wildcards.figure} 2>&1 | tee {log}"
