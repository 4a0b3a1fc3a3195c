# One job a study. Its journal is not an output: Snakemake removes the outputs of a failed job, and nothing that was
# finished may be lost. What is declared is the sealed form.


rule study:
    input:
        study_inputs,
    output:
        trials=RESULTS + "/{study}/trials.parquet",
        card=RESULTS + "/{study}/runcard.json",
    params:
        settings=study_settings,
    log:
        RESULTS + "/logs/{study}.log",
    threads: 1
    resources:
        mem_mb=4000,
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench study {wildcards.study} --scale {SCALE_ARGUMENT} 2>&1 | tee {log}"
