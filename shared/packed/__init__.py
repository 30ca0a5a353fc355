"""The packed form of an event between stages: what follows from the page is not written twice.

    columns.py   whole numbers, a column at a time
    page.py      source, text, alignment, document: written by the normalizer, copied by the stages after it
    spelling.py  the text as another spelling of the source
    sections.py  the section tree
    facts.py     facts and checks
    subjects.py  what facts speak of
    coverage.py  which metrics a report speaks of
    form1/       how sections and facts were written before: read for ever

Each writes what cannot be derived and checks while it writes that the rest can: an event that is unlike those of our
own stages is larger, never another one. `shared.codec` puts the parts together.
"""
