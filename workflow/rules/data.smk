# Raw data -> prepared tasks and modules. Only these rules may fetch anything.


rule task:
    output:
        expand(TASKS + "/{{task}}/{file}", file=["card.json"] + [f"{split}.parquet" for split in SPLITS]),
    params:
        mirror=os.environ.get("TNAS_DATA_MIRROR", ""),
        data=repr(SCALE.data),
    log:
        "results/logs/task_{task}.log",
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench task {wildcards.task} --scale {SCALE_ARGUMENT} 2>&1 | tee {log}"


rule module:
    output:
        expand("data/modules/{{module}}/{file}", file=["card.json", "matrix.npy", "vocabulary.txt"]),
    log:
        "results/logs/module_{module}.log",
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench module {wildcards.module} 2>&1 | tee {log}"
