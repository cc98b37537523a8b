"""Use cases: the rules behind the command line, the portal and the API, each written once."""
