# One job a study. Its journal is not an output: Snakemake removes the outputs of a failed job, and nothing that was
# finished may be lost. What is declared is the sealed form, and `update` keeps it where the job is refused.


rule study:
    input:
        study_inputs,
    output:
        trials=update(f"{RESULTS}/{{study}}/trials.parquet"),
        card=update(f"{RESULTS}/{{study}}/runcard.json"),
    log:
        f"{RESULTS}/logs/{{study}}.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        gpu=study_gpus,
    params:
        settings=study_settings,
    shell:
        "tnas-bench study {wildcards.study} --executor ${{TNAS_EXECUTOR:-processes:{threads}}} 2>&1 | tee -a {log}"
