"""``render_charts``: draw a variant's charts as vectors, for the document step to set on its pages.

A chart flows through the modules in this order: ``render`` (the step), ``kinds`` (which kind is drawn by
what), then a module per family: ``lines``, ``bars``, ``rows``, ``boxes``, ``scatter``, ``heatmap``,
``calendar``, ``slope``, ``waterfall``, ``multiples``, ``sparkline``. They share ``scales`` (from values to
points), ``frame`` (a plot and what is around it), ``labels``, ``annotations`` and ``palette``. All draw on
a ``sheet``, a matplotlib figure; ``renderer`` records what is drawn there, instead of painting it.
"""

from broadsheet.pipeline.charts.render import ChartsSummary, render_charts

__all__ = ["ChartsSummary", "render_charts"]
