"""Where a report goes on outside of the main block of its page: a leaf or a part of it may have a block of its own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.normalizer.line_forms import OPENING, is_empty_heading, is_prose
from services.normalizer.series import last_numbers, place_in_series

if TYPE_CHECKING:
    from services.normalizer.html import Page


@dataclass(slots=True)
class Parted:
    """The lines of a page whose report may stand in several blocks."""

    page: Page
    main: int  # the main block
    lines: list[str]
    nodes: list[int]  # the block of each line; -1 for one of furniture
    kept: list[bool]  # which lines are the report's: at first those of the main block

    def join(self) -> None:
        """Keep the blocks beside the main one in which the report goes on, or that it begins in.

        The marker of a line there comes next to those of the report, its text fills the heading that the report ends
        with, or it says that the report follows.
        """
        if True in self.kept:
            first, last = self.kept.index(True), len(self.kept) - 1 - self.kept[::-1].index(True)
            self._keep(range(last + 1, len(self.lines)), self.lines[last])
            self._keep(range(first - 1, -1, -1), None)

    def _keep(self, side: range, above: str | None) -> None:
        """Keep what belongs to the report of the lines on one side of it, the nearest first.

        `above` is the last line of the report before them; None for the lines ahead of it.
        """
        known = [line for line, is_kept in zip(self.lines, self.kept, strict=True) if is_kept]
        numbers = last_numbers(known[:: side.step])
        branch, around = range(0), set[int]()
        for k in side:
            node, line = self.nodes[k], self.lines[k]
            if node < 0:
                continue
            series, number = place_in_series(line)
            if node not in branch and node not in around:
                is_text = _opens(line) if above is None else _fills(above, line)
                if not is_text and numbers.get(series) != number - side.step:
                    continue
                branch = self._branch(node)
                if len(branch) > 1:
                    self._keep_begun(branch, range(k - side.step, side.start - side.step, -side.step))
                else:
                    around.add(node)
            self.kept[k] = True
            if series:
                numbers[series] = number
            above = above and line

    def _keep_begun(self, branch: range, passed: range) -> None:
        """Keep the lines of the block that were passed before it was known to be the report's."""
        for k in passed:
            if self.nodes[k] not in branch:
                break
            self.kept[k] = True

    def _branch(self, node: int) -> range:
        """The largest block that holds `node` and not the main one; `node` alone where it holds both."""
        parents, last_inside = self.page.parents, self.page.last_inside
        if node <= self.main <= last_inside[node]:
            return range(node, node + 1)
        while not parents[node] <= self.main <= last_inside[parents[node]]:
            node = parents[node]
        return range(node, last_inside[node] + 1)


def _fills(above: str, line: str) -> bool:
    """Whether `line` is the text under `above`, a heading that has none, or the first heading under it."""
    (series, number), outer = place_in_series(line), place_in_series(above)[0]
    return is_empty_heading(above) and (is_prose(line) or (number == 1 and series != outer))


def _opens(line: str) -> bool:
    """Whether the line says that the report follows."""
    return is_prose(line) and OPENING.search(line) is not None
