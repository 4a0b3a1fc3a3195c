# Sealed studies -> tables and figures. Pure functions of their inputs: redrawn in seconds.


rule table:
    input:
        exhibit_inputs,
    output:
        expand(REPORTS + "/tables/{{exhibit}}.{form}", form=["csv", "md", "tex"]),
    params:
        scale=repr(SCALE),
    log:
        RESULTS + "/logs/table_{exhibit}.log",
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench table {wildcards.exhibit} --scale {SCALE_ARGUMENT} 2>&1 | tee {log}"


rule figure:
    input:
        REPORTS + "/tables/{figure}.csv",
    output:
        expand(REPORTS + "/figures/{{figure}}.{form}", form=["svg", "png"]),
    log:
        RESULTS + "/logs/figure_{figure}.log",
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench figure {wildcards.figure} --scale {SCALE_ARGUMENT} 2>&1 | tee {log}"
