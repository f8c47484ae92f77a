#!/bin/sh
# Large bodies in the explorer, from 10 kB to 1 GB, and a table of a million records, beside curl, rg and jq.
#
#   benches/large.sh                    all of it, some minutes
#   benches/large.sh 10kB 10MB quick    only these sizes, in fewer rounds
#   benches/large.sh table              only the table; with quick one of a hundred thousand records
#
# Needs Linux (/proc), curl, about 4 GB of memory and 2 GB under TMPDIR for 1 GB; rg (ripgrep) and jq where
# searches, and sorting and saving, are to be compared.
# Leave the machine alone meanwhile: the ratios are of one run.
set -eu
cd "$(dirname "$0")/.."
for program in cargo curl; do
    command -v "$program" > /dev/null || { echo "$program is missing" >&2; exit 1; }
done
command -v rg > /dev/null || echo "rg is missing: searches are measured without a peer" >&2
command -v jq > /dev/null || echo "jq is missing: sorting and saving are measured without a peer" >&2
exec cargo bench --quiet --bench large -- "$@"
