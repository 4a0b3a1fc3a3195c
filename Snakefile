# tnas_bench: every table and figure, one target each. Start here.
#
#   snakemake --cores all                             everything, at the papers' budgets
#   snakemake --cores 2 --config scale=smoke          everything, in minutes: proves the wiring
#   snakemake tnaml_fig2 --cores 2 --config scale=lab one exhibit, with just what it needs
#
# data -> studies -> exhibits -> report; what each exhibit needs stands in workflow/config/experiments.yaml.


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/studies.smk"
include: "workflow/rules/exhibits.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        rules.report.output,


# Transfer Learning with Neural AutoML


rule tnaml_table1:
    input:
        exhibit_files("tnaml_table1"),


rule tnaml_fig2:
    input:
        exhibit_files("tnaml_fig2"),
