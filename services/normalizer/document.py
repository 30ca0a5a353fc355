"""Document metadata by the rules of the annotation guide, each field with where it was read.

The words and patterns are data: document.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.normalizer.issuer import after_lead, find_issuer
from services.normalizer.letterhead import find_addressee, find_number
from services.normalizer.own_place import own_level
from services.normalizer.place_names import Named, body_parts, name_parts
from services.normalizer.places import Surroundings, locate
from services.normalizer.publication import find_published, find_signed
from services.normalizer.report_year import find_year
from shared.events import Place
from shared.rules import rules

if TYPE_CHECKING:
    from services.normalizer.reading import Reading

_COMMITTEE = rules("services.normalizer", "document").pattern("committee")


def read_document(reading: Reading) -> dict[str, Any]:
    """The fields of the document record that its words give, by name; where they were read is in `reading.found`."""
    title = reading.page[slice(*reading.title)] if reading.title else reading.title_in_head
    if reading.title:
        reading.found["title"] = reading.title
    addressee = find_addressee(reading)  # the first words of the text, which name the issuer, stand behind it
    issuer = find_issuer(reading, title)
    year = find_year(reading, title)
    above = body_parts(_COMMITTEE.sub("", addressee)) if addressee else Named()
    around = Surroundings(above, addressee or "", title + reading.page[slice(*reading.body)], year)
    place, level = locate(issuer, around) if issuer else (Place(), None)
    _complete(place, title)
    return {
        "title": " ".join(title.split()) or None,
        "issuer": issuer,
        "place": place,
        "level": level or own_level(reading),
        "report_year": year,
        "published": find_published(reading),
        "signed": find_signed(reading),
        "document_number": find_number(reading),
        "addressee": addressee,
    }


def _complete(place: Place, title: str) -> None:
    """A signature often leaves out the superior that the title names."""
    if place.county is None or title.rfind(place.county) <= (lead := after_lead(title)):
        return  # nothing stands before the county that could be its superior
    named = name_parts(title[lead:])
    if place.county == named.county:
        place.province = place.province or named.province
        if place.city is None and named.city != place.province:
            place.city = named.city
