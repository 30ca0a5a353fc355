"""The packed form of an event between stages: what follows from the page is not written twice.

    columns.py   whole numbers, a column at a time
    page.py      source, text, alignment, document: written by the normalizer, copied by the stages after it
    sections.py  the section tree
    facts.py     facts, checks, coverage

Each writes what cannot be derived and checks while it writes that the rest can: an event that is unlike those of our
own stages is larger, never another one. `shared.codec` puts the parts together.
"""
