"""The desk's pages, a module a room; what each has in ROUTES is collected."""
