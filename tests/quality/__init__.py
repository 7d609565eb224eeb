"""Search quality on labelled queries written by hand."""
