# Everything -> the page that a reader opens.


rule report:
    input:
        [exhibit_files(exhibit) for exhibit in plan.experiments().exhibits],
        sealed(STUDIES.values()),
    output:
        REPORTS + "/index.html",
    log:
        RESULTS + "/logs/report.log",
    conda:
        "../../environment.yml"
    shell:
        "tnas-bench report --scale {SCALE_ARGUMENT} 2>&1 | tee {log}"
