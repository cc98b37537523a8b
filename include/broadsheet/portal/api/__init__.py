"""The JSON API, for programs: mounted at ``/reports/api/v1``, described by its own OpenAPI document."""
