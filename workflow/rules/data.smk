# Raw data -> prepared tasks and modules. Only these rules may fetch anything. `update`: what is prepared stays where
# preparing it again fails.


# On a cluster they run where Snakemake does, for the other nodes have no network.
localrules:
    task,
    module,
    encoder,
    image_module,


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
        "tnas-bench data get {wildcards.task} 2>&1 | tee -a {log}"


rule module:
    output:
        [f"data/modules/{{module}}/{file}" for file in MODULE_FILES],
    log:
        "results/logs/module_{module}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=8000,  # the largest table of TF-Hub has a million words of 500 dimensions
    shell:
        "tnas-bench module {wildcards.module} 2>&1 | tee -a {log}"


# A frozen encoder: its model lies in an installed package, and what is prepared is a card.
rule encoder:
    output:
        "data/modules/{encoder}/card.json",
    log:
        "results/logs/module_{encoder}.log",
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench module {wildcards.encoder} 2>&1 | tee -a {log}"


rule image_module:
    output:
        [f"data/modules/{{image_module}}/{file}" for file in IMAGE_MODULE_FILES],
    log:
        "results/logs/module_{image_module}.log",
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench module {wildcards.image_module} 2>&1 | tee -a {log}"


ruleorder: image_module > encoder > module


# A module that is trained on the texts of the scale's tasks, and so belongs to the scale.
rule module_of_tasks:
    input:
        module_tasks,
    output:
        [f"data/modules/{SCALE.name}/{{module}}/{file}" for file in MODULE_FILES],
    log:
        f"results/logs/module_{SCALE.name}_{{module}}.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(4000),
    shell:
        "tnas-bench module {wildcards.module} 2>&1 | tee -a {log}"
