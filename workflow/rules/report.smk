# Everything -> the page that a reader opens.


rule claims:
    input:
        sealed(STUDIES.values()),
        sealed_runs(RUNS.values()),
        TABLE_FILES if TABLE_STUDIES else [],
        PUBLISHED,
        f"{ROOT}/data/published/claims.tsv",
    output:
        f"{REPORTS}/claims.csv",
    log:
        f"{RESULTS}/logs/claims.log",
    conda:
        "../../environment.yml"
    params:
        scale=repr(SCALE),
    shell:
        "tnas-bench claims 2>&1 | tee -a {log}"


rule report:
    input:
        f"{REPORTS}/claims.csv",
        [exhibit_files(exhibit) for exhibit in SHOWN],
        sealed(STUDIES.values()),
        sealed_runs(RUNS.values()),
        TABLE_FILES if TABLE_STUDIES else [],
        f"{ROOT}/data/choices.tsv",
        f"{ROOT}/docs/calibration.svg",
    output:
        report(
            f"{REPORTS}/index.html",
            "../report/page.rst",
            category="All on one page",
            labels={"page": "index.html"},
        ),
    log:
        f"{RESULTS}/logs/report.log",
    conda:
        "../../environment.yml"
    params:
        scale=repr(SCALE),
        label=SCALE.label,
    shell:
        "tnas-bench report 2>&1 | tee -a {log}"
