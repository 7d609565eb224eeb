"""Figures and gates: how accurate search is on labelled queries, and whether the FAQ is sound."""
