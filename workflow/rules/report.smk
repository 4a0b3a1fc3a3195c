# Everything -> the page that a reader opens.


rule report:
    input:
        [exhibit_files(exhibit) for exhibit in SHOWN],
        sealed(STUDIES.values()),
        sealed_runs(RUNS.values()),
        TABLE_FILES if TABLE_STUDIES else [],
        f"{ROOT}/data/choices.tsv",
    output:
        f"{REPORTS}/index.html",
    log:
        f"{RESULTS}/logs/report.log",
    conda:
        "../../environment.yml"
    params:
        scale=repr(SCALE),
    shell:
        "tnas-bench report 2>&1 | tee {log}"
