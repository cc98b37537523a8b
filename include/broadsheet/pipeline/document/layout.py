"""Parts within parts: flowables stacked in a column, cut where a height ends, and columns side by side."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import Theme

_TALLEST = 100_000.0
_STEP = 2.0
_MOST_TOGETHER = 420.0


def is_heading(flowable: Flowable) -> bool:
    """Say whether a flowable heads what follows it."""
    return isinstance(flowable, TextBlock) and flowable.outline is not None


def stack_height(story: Sequence[Flowable], width: float) -> float:
    """Return how high flowables are together, without the space above the first and below the last."""
    height = after = 0.0
    for number, flowable in enumerate(story):
        height += max(after, flowable.getSpaceBefore()) if number else 0.0
        height += flowable.wrap(width, _TALLEST)[1]
        after = flowable.getSpaceAfter()
    return height


def cut_stack(
    story: Sequence[Flowable], width: float, height: float
) -> tuple[list[Flowable], list[Flowable]]:
    """Return what of a stack fits a height, and the rest; no heading stands last."""
    fits: list[Flowable] = []
    room, after = height, 0.0
    for number, flowable in enumerate(story):
        gap = max(after, flowable.getSpaceBefore()) if fits else 0.0
        needed = flowable.wrap(width, room)[1]
        if needed + gap > room + 0.01:
            parts = flowable.split(width, max(room - gap, 0.0))
            rest = [*(parts[1:] if parts else [flowable]), *story[number + 1 :]]
            fits += parts[:1]
            while fits and is_heading(fits[-1]):
                rest.insert(0, fits.pop())
            return fits, rest
        room -= gap + needed
        after = flowable.getSpaceAfter()
        fits.append(flowable)
    return fits, []


def draw_stack(canvas: Canvas, story: Sequence[Flowable], *, x: float, top: float, width: float) -> None:
    """Draw flowables below each other, in the order in which they are read."""
    y, after = top, 0.0
    for number, flowable in enumerate(story):
        y -= max(after, flowable.getSpaceBefore()) if number else 0.0
        y -= flowable.wrap(width, _TALLEST)[1]
        flowable.drawOn(canvas, x, y)
        after = flowable.getSpaceAfter()


class Columns(Flowable):  # type: ignore[misc]
    """Two columns. One stack is balanced over them; of two, each has its own."""

    def __init__(self, stacks: Sequence[Sequence[Flowable]], *, theme: Theme) -> None:
        super().__init__()
        self.stacks = stacks
        self.theme = theme
        self.spaceBefore, self.spaceAfter = 6.0, 10.0

    @property
    def content(self) -> list[Flowable]:
        """Everything in it, in reading order."""
        return [flowable for stack in self.stacks for flowable in stack]

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Set the columns and return the space they take."""
        self.width, self.room = aW, (aW - self.theme.gutter) / 2
        self.columns = self._balanced() if len(self.stacks) == 1 else [list(stack) for stack in self.stacks]
        self.height = max((stack_height(column, self.room) for column in self.columns), default=0.0)
        return aW, self.height

    def _balanced(self) -> list[list[Flowable]]:
        """Cut the one stack where both columns are as low as can be."""
        whole = list(self.stacks[0])
        low = stack_height(whole, self.room) / 2
        high = 2 * low
        while high - low > _STEP:
            middle = (low + high) / 2
            low, high = (low, middle) if self._fits(whole, middle) else (middle, high)
        first, rest = cut_stack(whole, self.room, high)
        return [first, rest]

    def _fits(self, whole: Sequence[Flowable], height: float) -> bool:
        first, rest = cut_stack(whole, self.room, height)
        return bool(first) and stack_height(rest, self.room) <= height

    def start_height(self, width: float) -> float:
        """Return the least height that a page must have left for this to start on it.

        What an author puts side by side stays side by side, unless it is very high.
        """
        height = self.wrap(width, 0)[1]
        return height if len(self.stacks) > 1 and height < _MOST_TOGETHER else min(height, 60.0)

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - reportlab's signature
        """Return the columns that fit a height and those of the rest."""
        room = (aW - self.theme.gutter) / 2
        if len(self.stacks) == 1:
            left, rest = cut_stack(list(self.stacks[0]), room, aH)
            right, rest = cut_stack(rest, room, aH)
            parts: list[list[list[Flowable]]] = [[left, right], [rest]]
        else:
            cut = [cut_stack(list(stack), room, aH) for stack in self.stacks]
            parts = [[fits for fits, _ in cut], [rest for _, rest in cut]]
        if not any(parts[0]) or not any(parts[1]):
            return []
        return [Columns(stacks, theme=self.theme) for stacks in parts]

    def draw(self) -> None:
        """Draw the columns, the first where reading starts."""
        for number, column in enumerate(self.columns):
            distance = number * (self.room + self.theme.gutter)
            x = self.theme.from_start(distance, self.room, within=self.width)
            draw_stack(self.canv, column, x=x, top=self.height, width=self.room)
