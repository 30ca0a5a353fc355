"""The real functions of the stages, disturbed: what a page's field `orders` says happens first (`functions.behave`).

The orders stand beside the page, not in it, so that what the functions make of it is what they make of it anywhere. One
file a stage: a child imports its own alone.
"""
