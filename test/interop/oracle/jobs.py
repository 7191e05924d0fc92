"""The jobs by name: what a line on the server's stdin or the command line may ask for."""
from compare_files import compare_files
from compare_histograms import compare_histograms
from compare_sum import compare_sum
from dump import dump
from hadd import hadd
from histogram_cases import histogram_cases
from large_file import read_large, uproot_large, write_large_input
from open_check import open_check
from tree_cases import tree_cases
from update_check import update_check
from uproot_check import uproot_check
from written_files import last_entries, root_histograms, root_tuple_values, root_values, uproot_values
from writer_facts import file_facts, fill_trees, grow, references, tree_facts, uproot_update

JOBS = {
    "root-histograms": root_histograms,
    "root-values": root_values,
    "last-entries": last_entries,
    "root-tuple-values": root_tuple_values,
    "uproot-values": uproot_values,
    "file-facts": file_facts,
    "tree-facts": tree_facts,
    "fill-trees": fill_trees,
    "references": references,
    "grow": grow,
    "uproot-update": uproot_update,
    "write-large-input": write_large_input,
    "read-large": read_large,
    "uproot-large": uproot_large,
    "tree-cases": tree_cases,
    "histogram-cases": histogram_cases,
    "compare-histograms": compare_histograms,
    "open": open_check,
    "update": update_check,
    "dump": dump,
    "compare-sum": compare_sum,
    "compare": compare_files,
    "hadd": hadd,
    "uproot": uproot_check,
}
