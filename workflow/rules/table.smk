# Sealed grid studies -> the tabular benchmark.


rule tabular:
    input:
        sealed(TABLE_STUDIES),
    output:
        TABLE_FILES,
    log:
        f"{RESULTS}/logs/table.log",
    conda:
        "../../environment.yml"
    params:
        label=SCALE.label,
    shell:
        "tnas-bench table make 2>&1 | tee -a {log}"
