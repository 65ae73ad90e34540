"""Journeys through the course in a real browser: ``make browser``."""
