"""The document engine: what charts and the PDF share, from fonts to page frame.

A payload flows through the modules in this order: ``template`` (the report's Jinja page), ``markdown`` (its
text), ``blocks`` (what stands at each placeholder), then the flowables (``text``, ``tiles``, ``tables``,
``figures``, ``callouts``, ``layout``, ``contents``, ``cover``, ``masthead``, ``provenance``) and ``frame``,
which puts them on the pages of a ``canvas``; ``stream`` writes each page when it is full. A ``theme``, handed
to all of them, says how it looks. ``drawing`` is how a chart travels from the chart step to the page;
``fonts`` measures text. The rows of a ``tables`` table are ``cells``, which ``measure`` measures by column.
"""
