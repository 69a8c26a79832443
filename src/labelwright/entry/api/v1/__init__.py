"""The REST API, version 1: one router a file. Its document is served at `/api/v1/openapi.json`."""
