# Raw data -> prepared tasks and modules. Only these rules may fetch anything. `update`: what is prepared stays where
# preparing it again fails.


rule task:
    output:
        [update(f"{TASKS}/{{task}}/{file}") for file in TASK_FILES],
    log:
        "results/logs/task_{task}.log",
    conda:
        "../../environment.yml"
    params:
        data=repr(SCALE.data),
    shell:
        "tnas-bench data get {wildcards.task} 2>&1 | tee {log}"


rule module:
    output:
        [f"data/modules/{{module}}/{file}" for file in MODULE_FILES],
    log:
        "results/logs/module_{module}.log",
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench module {wildcards.module} 2>&1 | tee {log}"
