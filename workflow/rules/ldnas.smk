# LD-NAS: networks -> distances -> searches, each of which also trains the cell that it found. As with studies, journals
# are no outputs, and `update` keeps what is sealed where a job is refused. Nor are the weights of networks, which need
# not be passed on: distances have them made again where they are wanted and lost.


rule network:
    input:
        ldnas_inputs,
    output:
        [update(f"{RESULTS}/{{network}}/{file}") for file in STEP_FILES],
    log:
        f"{RESULTS}/logs/{{network}}.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(6000),
        gpu=1,
    params:
        settings=f"{plan_ldnas.VERSION} {SCALE.ldnas.networks!r}",
    shell:
        "tnas-bench network {wildcards.network} 2>&1 | tee -a {log}"


rule distances:
    input:
        ldnas_inputs,
    output:
        [update(f"{RESULTS}/{{distances}}/{file}") for file in STEP_FILES],
    log:
        f"{RESULTS}/logs/{{distances}}.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(6000),
        gpu=1,
    params:
        settings=f"{plan_ldnas.VERSION} {SCALE.ldnas.fisher!r}",
    shell:
        "tnas-bench distances {wildcards.distances} 2>&1 | tee -a {log}"


rule base_search:
    input:
        ldnas_inputs,
    output:
        [update(f"{RESULTS}/{{base_search}}/{file}") for file in STEP_FILES],
    log:
        f"{RESULTS}/logs/{{base_search}}.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(6000),
        gpu=1,
    params:
        settings=f"{plan_ldnas.VERSION} {SCALE.ldnas.search!r}",
    shell:
        "tnas-bench search {wildcards.base_search} 2>&1 | tee -a {log}"


rule search:
    input:
        ldnas_inputs,
    output:
        [
            update(f"{RESULTS}/ldnas/{experiment}/{{search}}/{file}")
            for experiment in ("search", "final")
            for file in STEP_FILES
        ],
    log:
        f"{RESULTS}/logs/ldnas/search/{{search}}.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(6000),
        gpu=1,
    params:
        settings=f"{plan_ldnas.VERSION} {SCALE.ldnas!r}",
    shell:
        "tnas-bench search ldnas/search/{wildcards.search} 2>&1 | tee -a {log}"
