"""Form 1 of packed events, which is read for ever and no longer written."""

from shared.packed.form1.facts import read_facts
from shared.packed.form1.sections import read_sections

__all__ = ["read_facts", "read_sections"]
