#!/usr/bin/env bash
# Pins every requirement file, with hashes and without index addresses. Needs `uv` (pip install uv).
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
        --python-version 3.11 "${@:2}" pyproject.toml -o "requirements/$1.txt"
}
for set in intake normalizer sectioner extractor sink api monitor all dev bench; do
    compile "$set" --extra "$set"
done
