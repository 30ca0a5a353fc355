"""Proofs on the tree of a regular expression: what each match begins with, ends with, and holds.

Rules say which signs these are, so that a phrase without them need not be searched. The proofs keep that from ever
hiding a match.
"""

from __future__ import annotations

import re

WHITE_SPACE = frozenset(sign for sign in map(chr, range(0x10000)) if sign.isspace())


def tokens_of(pattern: str) -> list:
    """The tree of a pattern. It is nowhere public, and only it can prove this."""
    return list(re._parser.parse(pattern))


def signs_of(body: str) -> frozenset[str]:
    """The signs of a character class, by what stands between its brackets."""
    return frozenset(re.findall(f"[{body}]", "".join(map(chr, range(0x10000)))))


def branches_of(pattern: str) -> list[list]:
    """The trees of the outermost alternatives of a pattern."""
    tokens = tokens_of(pattern)
    if len(tokens) == 1 and str(tokens[0][0]) == "BRANCH":
        return [list(branch) for branch in tokens[0][1][1]]
    return [tokens]


def _members(argument) -> set[str] | None:
    """The characters of a class; None where it is not a list of signs and white space."""
    signs: set[str] = set()
    for operation, value in argument:
        if str(operation) == "LITERAL":
            signs.add(chr(value))
        elif str(operation) == "RANGE":
            signs |= set(map(chr, range(value[0], value[1] + 1)))
        elif str(value) == "CATEGORY_SPACE":
            signs |= WHITE_SPACE
        else:
            return None
    return signs


def begins(tokens, signs) -> bool:
    """Whether every match begins with one of `signs`."""
    if not tokens:
        return False
    (operation, argument), rest = tokens[0], tokens[1:]
    match str(operation):
        case "ASSERT" | "ASSERT_NOT" | "AT":
            return begins(rest, signs)
        case "LITERAL":
            return chr(argument) in signs
        case "IN":
            return (listed := _members(argument)) is not None and listed <= signs
        case "BRANCH":
            return all(begins([*branch, *rest], signs) for branch in argument[1])
        case "SUBPATTERN":
            return begins([*argument[-1], *rest], signs)
        case "MAX_REPEAT":
            return begins([*argument[2], *rest], signs) and (argument[0] > 0 or begins(rest, signs))
    return False


def ends(tokens, signs) -> bool:
    """Whether every match ends with one of `signs`."""
    if not tokens:
        return False
    rest, (operation, argument) = tokens[:-1], tokens[-1]
    match str(operation):
        case "ASSERT" | "ASSERT_NOT" | "AT":
            return ends(rest, signs)
        case "LITERAL":
            return chr(argument) in signs
        case "IN":
            return (listed := _members(argument)) is not None and listed <= signs
        case "BRANCH":
            return all(ends([*rest, *branch], signs) for branch in argument[1])
        case "SUBPATTERN":
            return ends([*rest, *argument[-1]], signs)
        case "MAX_REPEAT":
            return ends([*rest, *argument[2]], signs) and (argument[0] > 0 or ends(rest, signs))
    return False


def holds(tokens, signs) -> bool:
    """Whether every match, what it looks ahead to included, holds one of `signs`."""
    for operation, argument in tokens:
        match str(operation):
            case "LITERAL":
                held = chr(argument) in signs
            case "IN":
                held = (listed := _members(argument)) is not None and listed <= signs
            case "BRANCH":
                held = all(holds(branch, signs) for branch in argument[1])
            case "SUBPATTERN":
                held = holds(argument[-1], signs)
            case "ASSERT":
                held = argument[0] == 1 and holds(argument[1], signs)
            case "MAX_REPEAT":
                held = argument[0] > 0 and holds(argument[2], signs)
            case _:
                held = False
        if held:
            return True
    return False


def backtracks(tokens) -> bool:
    """Whether the tokens, having matched, could match otherwise."""
    for operation, argument in tokens:
        match str(operation):
            case "BRANCH" | "MAX_REPEAT" | "MIN_REPEAT" | "GROUPREF_EXISTS":
                return True
            case "SUBPATTERN":
                if backtracks(argument[-1]):
                    return True
    return False


def possessive_groups(tokens) -> list:
    """What is repeated possessively in a pattern, at any depth."""
    found = []
    for operation, argument in tokens:
        kind = str(operation)
        if kind == "POSSESSIVE_REPEAT":
            found.append(list(argument[2]))
        inner: list = []
        if kind in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            inner = [argument[2]]
        elif kind == "BRANCH":
            inner = argument[1]
        elif kind in {"SUBPATTERN", "ASSERT", "ASSERT_NOT"}:
            inner = [argument[-1]]
        elif kind == "ATOMIC_GROUP":
            inner = [argument]
        elif kind == "GROUPREF_EXISTS":
            inner = [branch for branch in argument[1:] if branch is not None]
        for tokens_inside in inner:
            found += possessive_groups(list(tokens_inside))
    return found
