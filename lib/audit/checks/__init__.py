"""Checks that know no paper."""
