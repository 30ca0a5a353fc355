"""What a new child loads before its first report, so that the time limit of a report is the report's."""

from __future__ import annotations

from services.extractor.catalogue import load_catalogue
from services.extractor.words import segmenter


def load_dictionaries() -> None:
    """Load the segmenter's dictionary and the metric catalogue; both are kept for the life of the process."""
    segmenter().cut("法治政府建设")
    load_catalogue()
