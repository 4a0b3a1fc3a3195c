# tnas_bench: every table and figure, one target each. Start here.
#
#   snakemake --cores all                             everything, at the papers' budgets
#   snakemake --cores 2 --config scale=smoke          everything, in minutes: proves the wiring
#   snakemake --workflow-profile workflow/profiles/slurm   everything, on a cluster (docs/cluster.md)
#   snakemake tnaml_fig2 --cores 2 --config scale=lab one exhibit, with just what it needs
#
# data -> studies and LD-NAS -> exhibits -> report; what each exhibit needs stands in workflow/config/experiments.yaml.


report: "workflow/report/workflow.rst"  # what `snakemake --report` says first


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/studies.smk"
include: "workflow/rules/table.smk"
include: "workflow/rules/ldnas.smk"
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


rule tnaml_ranks:
    input:
        exhibit_files("tnaml_ranks"),


rule tnaml_fig1:
    input:
        exhibit_files("tnaml_fig1"),


rule tnaml_fig2:
    input:
        exhibit_files("tnaml_fig2"),


rule tnaml_fig3:
    input:
        exhibit_files("tnaml_fig3"),


rule tnaml_fig4_overfitting:
    input:
        exhibit_files("tnaml_fig4_overfitting"),


rule tnaml_fig4_modules:
    input:
        exhibit_files("tnaml_fig4_modules"),


rule tnaml_ablation:
    input:
        exhibit_files("tnaml_ablation"),


rule tnaml_multitask:
    input:
        exhibit_files("tnaml_multitask"),


rule tnaml_cost:
    input:
        exhibit_files("tnaml_cost"),


rule tnaml_literature:
    input:
        exhibit_files("tnaml_literature"),


rule tnaml_algorithms:
    input:
        exhibit_files("tnaml_algorithms"),


rule tnaml_appendix:
    input:
        exhibit_files("tnaml_appendix"),


# Transfer Learning to Learn with Multitask Neural Model Search


rule mnms_simultaneous:
    input:
        exhibit_files("mnms_simultaneous"),


rule mnms_transfer:
    input:
        exhibit_files("mnms_transfer"),


# Improved AutoML from Transfer Learning (LD-NAS)


rule ldnas_fig1:
    input:
        exhibit_files("ldnas_fig1"),


rule ldnas_sigma:
    input:
        exhibit_files("ldnas_sigma"),


rule ldnas_table1:
    input:
        exhibit_files("ldnas_table1"),


rule ldnas_table2:
    input:
        exhibit_files("ldnas_table2"),


rule ldnas_control:
    input:
        exhibit_files("ldnas_control"),


# Beyond the papers: a tabular benchmark, and searches of it


rule table:
    input:
        TABLE_FILES,


rule table_searches:
    input:
        exhibit_files("table_searches"),
