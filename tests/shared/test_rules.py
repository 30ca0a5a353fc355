"""Rules are read from files; a fault of a file is an error that names the place."""

from __future__ import annotations

import pytest

from shared.rules import Pattern, RuleError, Rules, WordList, rules


def test_a_pattern_may_name_a_list_and_a_pattern_above_it():
    levels = WordList(id="levels", meaning="Levels of government.", words=("市", "市(州)", "县"))
    graded = Pattern(id="graded", meaning="A level with 级.", pattern="{levels}级", yes=("县级",), no=("县",))
    things = Pattern(id="things", meaning="Their things.", pattern="^{graded}事项", yes=("县级事项",), no=("事项",))
    file = Rules("invented", (levels,), (graded, things))
    assert file.finds(things, "市(州)级事项")
    assert not file.finds(things, "省级事项")


@pytest.mark.parametrize(
    ("source", "message"),
    [("{nowhere}级", "names no list and no pattern above it"), ("级(", "missing")],
)
def test_a_pattern_that_cannot_be_compiled_is_an_error_that_names_file_and_place(source, message):
    wrong = Pattern(id="wrong", meaning="Wrong on purpose.", pattern=source, yes=("级",), no=("县",))
    with pytest.raises(RuleError, match=rf"invented\.toml: .*{message}"):
        Rules("invented", (), (wrong,))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[[pattern]\n", "not TOML"),
        (
            '[[pattern]]\nid = "wrong"\nmeaning = "Wrong on purpose."\npattern = "级"\nyes = ["级"]\n',
            "no: Field required",
        ),
        ('[[pattern]]\nid = "X"\n', "pattern.0.id: String should match"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_that_names_file_and_place(tmp_path, monkeypatch, source, message):
    (tmp_path / "__init__.py").touch()
    (tmp_path / "invented.toml").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path.parent)
    with pytest.raises(RuleError, match=rf"invented\.toml: .*{message}"):
        rules(tmp_path.name, "invented")


def test_two_entries_with_one_id_are_an_error():
    same = Pattern(id="same", meaning="Twice on purpose.", pattern="级", yes=("级",), no=("县",))
    with pytest.raises(RuleError, match="two entries have the same id"):
        Rules("invented", (), (same, same))
