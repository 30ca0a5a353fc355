"""The sectioner against one jieba pass over the same text: the target is forty times as fast.

    python -m benchmarks.sectioner

On standard reports and, where the reference is at hand (FAZHI_REFERENCE), on its documents. The collector's view of what
is loaded is frozen, as in the child of a worker.
"""

from __future__ import annotations

from benchmarks import texts
from benchmarks.machine import processor_seconds, settle
from benchmarks.stages import raw_report
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report


def main() -> None:
    """Print one line a collection."""
    import jieba

    jieba.setLogLevel(60)
    jieba.initialize()
    collections = {"standard reports": [texts.report(seed=seed) for seed in range(8)], **texts.reference_texts()}
    for name, documents in collections.items():
        reports = [normalize_report(raw_report(document.encode())) for document in documents[:40]]
        settle()
        characters = sum(len(report.text) for report in reports)
        sections = sum(len(outline_report(report).sections) for report in reports)
        outline = processor_seconds(lambda reports=reports: [outline_report(report) for report in reports])
        words = processor_seconds(lambda reports=reports: [jieba.lcut(report.text) for report in reports], rounds=2)
        print(
            f"{name}: {len(reports)} documents, {characters} characters, {sections} sections;"
            f" {characters / outline / 1e6:.1f} M characters/s, jieba {characters / words / 1e6:.2f}: 1/{words / outline:.0f}"
        )


if __name__ == "__main__":
    main()
