"""The portal's pages, for people: routes by subject, each over templates in ``include/templates/portal``."""
