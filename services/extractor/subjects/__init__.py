"""What is counted: a noun phrase from the words before and behind the amount, its sentence and its heading.

    受理民事纠纷案件62件      the noun stands before the amount                             before.py
    组建91支防汛抢险队伍      the noun stands behind it                                     behind.py
    33个中小学配备法治副校长  what is said about the noun completes it                      said.py
    调解成功58件              no noun of its own: the noun of the amount before it          verbs.py
    其中食品类12件            a part, a finding, a dependent noun: the words it shares      wholes.py, shares.py
    单位9家、个人12人         an item of a list, a kind of the cases counted before         lists.py
    专项督查,抽查乡镇6个      what an activity was made of                                  activities.py
    合格率达98.73%            a rate, a share, a rank, a time                               rates.py
    参考率、合格率达100%      names that share a number                                     names.py

`cutting.py` gives each amount its words, `handing.py` those between two of them, `build.py` asks the questions in order, `phrases.py` holds what all of them need.
The words are data (`words.toml`), and so are the patterns, each with examples (`patterns.toml`); `data.py` reads both.
"""

from __future__ import annotations

from services.extractor.subjects.build import spoken_of, subject_of
from services.extractor.subjects.handing import read_parts
from services.extractor.subjects.names import (
    aligned_names,
    aligned_subject,
    complete_name,
    handed_names,
    shared_names,
)
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import level_name, tidy, without_light, without_maker
from services.extractor.subjects.rates import is_rate_of
from services.extractor.subjects.shares import divide

__all__ = [
    "Part",
    "Topic",
    "aligned_names",
    "aligned_subject",
    "complete_name",
    "divide",
    "handed_names",
    "is_rate_of",
    "level_name",
    "read_parts",
    "shared_names",
    "spoken_of",
    "subject_of",
    "tidy",
    "without_light",
    "without_maker",
]
