"""``render_charts``: draw a variant's charts as vectors, for the document step to set on its pages.

A chart flows through the modules in this order: ``render`` (the step), ``kinds`` (which kind is drawn by
what), then ``categories``, ``rows`` or ``scatter``, which share ``series`` (what to draw) and ``axes``
(scales, labels and keys). ``renderer`` records what matplotlib draws, instead of painting it.
"""

from broadsheet.pipeline.charts.render import ChartsSummary, render_charts

__all__ = ["ChartsSummary", "render_charts"]
