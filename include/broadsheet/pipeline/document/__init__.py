"""The document engine: what charts and the PDF share, from fonts to page frame.

Data flows through the modules in this order: ``content`` (the payload, checked and cleaned), ``template``
(the report's Jinja page), ``markdown`` (its text), ``blocks`` (what stands at each placeholder), then the
flowables (``text``, ``tiles``, ``tables``, ``figures``, ``masthead``) and ``frame``, which puts them on
pages. ``drawing`` is how a chart travels from the chart step to the page; ``fonts`` measures and cleans
text for all of them.
"""
