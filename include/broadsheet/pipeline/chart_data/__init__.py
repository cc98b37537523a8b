"""What each chart shows: groups along its axis, measures' values, and the words that describe it.

A chart flows through the modules in this order: ``source`` (its rows, cut and counted as the chart asks),
``axis`` (which groups, in which order), then by kind ``groups``, ``matrix``, ``spreads``, ``points``,
``changes`` or ``panels`` (the values), ``marks`` (levels and annotations) and ``alt`` (its words); ``part``
puts them together.
"""

from broadsheet.pipeline.chart_data.part import chart_part

__all__ = ["chart_part"]
