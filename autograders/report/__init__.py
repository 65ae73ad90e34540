"""The class on one page: :mod:`.class_results` reads and counts, :mod:`.page` writes the page."""
